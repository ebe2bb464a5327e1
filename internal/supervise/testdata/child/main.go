// Command child is what the tests supervise, where bash cannot do it.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

func main() {
	switch os.Args[1] {
	case "serve": // 200 to whoever asks on this port
		serve(os.Args[2])
	case "tls": // on this port, with this certificate and key, read again on SIGHUP; ends well on SIGTERM
		serveTLS(os.Args[2], os.Args[3], os.Args[4])
	case "eat": // so many megabytes
		eat(os.Args[2])
	case "name": // itself, and read
		name(os.Args[2])
	default: // the arguments, each with a NUL behind
		for _, arg := range os.Args[1:] {
			fmt.Print(arg, "\x00")
		}
	}
}

func name(name string) {
	if err := os.WriteFile("/proc/self/comm", []byte(name), 0); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("named")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func serve(port string) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("serving")
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		_, _ = connection.Read(make([]byte, 4096))
		_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
		_ = connection.Close()
	}
}

func eat(megabytes string) {
	number, err := strconv.Atoi(megabytes)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	eaten := make([]byte, number<<20)
	for i := 0; i < len(eaten); i += 4096 {
		eaten[i] = 1
	}
	fmt.Println("eaten")
	time.Sleep(time.Hour)
	fmt.Println(len(eaten))
}
