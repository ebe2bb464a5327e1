package show

import "time"

// Heartbeat logs from time to time that something is still in progress, if the log is quiet
// otherwise. The returned function stops it.
func (l *Log) Heartbeat(source string, index int, what string) (done func()) {
	return l.HeartbeatFunc(source, index, func() string { return what })
}

// HeartbeatFunc is Heartbeat with a text that changes.
func (l *Log) HeartbeatFunc(source string, index int, what func() string) (done func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	begin := l.clock.Now()
	go func() {
		defer close(stopped)
		for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
			select {
			case <-stop:
				return
			case <-time.After(pause):
			}
			if l.quiet() >= time.Second {
				l.Line(source, index, Out, what()+" … "+l.clock.Now().Sub(begin).Round(time.Second).String())
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}
