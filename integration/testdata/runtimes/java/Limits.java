import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Says what the JVM believes it may use, and stays. With the arguments fill SECONDS CAP_MB it first fills nine
 * tenths of that, at most CAP_MB, and keeps replacing what it holds, for as long as it runs.
 */
public class Limits {
    private static final int BLOCK = 16 << 10;
    private static final int MB = 1 << 20;

    public static void main(String[] arguments) throws InterruptedException {
        long limit = Runtime.getRuntime().maxMemory() / MB;
        System.out.printf("java %s: limit %d MB, MEMORY_LIMIT %s%n",
                System.getProperty("java.version"), limit, System.getenv("MEMORY_LIMIT"));
        if (arguments.length == 0) {
            Thread.sleep(Long.MAX_VALUE);
        }
        fill(Math.min(limit * 9 / 10, Long.parseLong(arguments[2])), Long.parseLong(arguments[1]));
    }

    private static void fill(long megabytes, long seconds) throws InterruptedException {
        List<byte[]> held = new ArrayList<>();
        while (held.size() < megabytes * MB / BLOCK) {
            held.add(new byte[BLOCK]); // the JVM writes zeros to it, so that it is really there
        }
        System.out.printf("java is full at %d MB%n", megabytes);

        Random random = new Random(1);
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (boolean survived = false;; Thread.sleep(50)) {
            for (int i = 0; i < 32; i++) {
                held.set(random.nextInt(held.size()), new byte[BLOCK]);
            }
            if (!survived && System.nanoTime() >= end) {
                survived = true;
                System.out.printf("java has survived %d s%n", seconds);
            }
        }
    }
}
