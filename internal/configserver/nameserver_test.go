package configserver_test

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/onsi/gomega"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// A nameServer knows springtest.Host, which is 127.0.0.1. Go's own resolver asks it, by UDP, for all that this process looks up.
type nameServer struct {
	t *testing.T

	mutex      sync.Mutex
	connection net.PacketConn
	rcode      dnsmessage.RCode // of the answers
	address    string
}

func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	s := &nameServer{t: t, address: net.JoinHostPort("127.0.0.1", testport.Free(t))}
	s.start()
	t.Cleanup(s.kill)
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", s.address)
	}}
	return s
}

// start answers at the same address as before.
func (s *nameServer) start() {
	s.t.Helper()
	var connection net.PacketConn
	gomega.NewWithT(s.t).Eventually(func() (err error) {
		connection, err = net.ListenPacket("udp4", s.address)
		return err
	}, "1m").Should(gomega.Succeed())
	s.mutex.Lock()
	s.connection, s.address = connection, connection.LocalAddr().String()
	s.mutex.Unlock()
	go func() {
		for buffer := make([]byte, 4096); ; {
			n, from, err := connection.ReadFrom(buffer)
			if err != nil {
				return // it was killed
			}
			if answer := s.answer(buffer[:n]); answer != nil {
				_, _ = connection.WriteTo(answer, from) // or the client has gone
			}
		}
	}()
}

func (s *nameServer) kill() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_ = s.connection.Close() // or it has gone
}

// answering makes it answer with a code from now on.
func (s *nameServer) answering(rcode dnsmessage.RCode) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.rcode = rcode
}

func (s *nameServer) answer(query []byte) []byte {
	var message dnsmessage.Message
	if message.Unpack(query) != nil || len(message.Questions) != 1 {
		return nil
	}
	s.mutex.Lock()
	rcode := s.rcode
	s.mutex.Unlock()
	asked := message.Questions[0]
	message.Response, message.RCode, message.Additionals = true, rcode, nil
	switch {
	case rcode != dnsmessage.RCodeSuccess:
	case asked.Name.String() != springtest.Host+".":
		message.RCode = dnsmessage.RCodeNameError
	case asked.Type == dnsmessage.TypeA:
		header := dnsmessage.ResourceHeader{Name: asked.Name, Class: asked.Class, TTL: 0}
		message.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
	}
	answer, err := message.Pack()
	if err != nil {
		return nil
	}
	return answer
}
