/* The command of the benchmark of supervising: it tells when its first instruction
   came, and when its last is about to, in nanoseconds of the monotonic clock.

     child MILLISECONDS    how long it runs; 0 for ever */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void tell(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long nanoseconds = now.tv_sec * 1000000000L + now.tv_nsec;
  if (write(1, &nanoseconds, sizeof nanoseconds) != sizeof nanoseconds) _exit(1);
}

int main(int count, char **arguments) {
  tell();
  /* runsv starts it without an argument. */
  const char *text = count > 1 ? arguments[1] : getenv("CHILD_MILLISECONDS");
  long milliseconds = text ? atol(text) : 0;
  if (milliseconds == 0) for (;;) pause();
  struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  nanosleep(&rest, 0);
  tell();
  _exit(0);
}
