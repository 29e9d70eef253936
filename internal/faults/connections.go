package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"sync"
	"time"

	"license_exporter/client/rest"
)

// ConnectionKind is a kind of bad connection. It concerns all requests of a Front.
type ConnectionKind struct {
	Name   string
	Reason rest.Reason
	// TLS is set if it needs a server that speaks TLS.
	TLS bool

	refuse bool
	// treat returns the connection to use, or nil if it has dealt with it.
	treat func(net.Conn) net.Conn
	// certificate is the certificate to show.
	certificate string
}

// Connections are all kinds of bad connections.
var Connections = []ConnectionKind{
	{Name: "connection refused", Reason: rest.ReasonNetwork, refuse: true},
	{Name: "connection reset", Reason: rest.ReasonNetwork, treat: func(c net.Conn) net.Conn { reset(c); return nil }},
	{Name: "connection closed", Reason: rest.ReasonNetwork, treat: func(c net.Conn) net.Conn { _ = c.Close(); return nil }},
	{Name: "connection that says nothing", Reason: rest.ReasonTimeout, treat: func(net.Conn) net.Conn { return nil }},
	{Name: "something else than HTTP", Reason: rest.ReasonNetwork, treat: saying("220 mail.example.com ESMTP\r\n")},
	{Name: "plain HTTP on a TLS port", Reason: rest.ReasonNetwork, TLS: true, treat: saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")},
	{Name: "expired certificate", Reason: rest.ReasonNetwork, TLS: true, certificate: "expired"},
	{Name: "certificate of an unknown authority", Reason: rest.ReasonNetwork, TLS: true, certificate: "unknown"},
	{Name: "certificate of another host", Reason: rest.ReasonNetwork, TLS: true, certificate: "other"},
}

// saying returns a treatment that sends a text and closes the connection.
func saying(text string) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn {
		go func() {
			_, _ = io.WriteString(c, text)
			_, _ = c.Read(make([]byte, 1<<10)) // unread bytes would make this a reset
			_ = c.Close()
		}()
		return nil
	}
}

// reset closes a connection such that the other side sees a reset.
func reset(c net.Conn) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// SetConnections makes all further connections bad. Those that are open are closed.
func (f *Front) SetConnections(k ConnectionKind) error {
	l := f.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	l.treat, l.show = k.treat, k.certificate
	var err error
	switch {
	case k.refuse && l.inner != nil:
		err = l.inner.Close()
		l.inner = nil
	case !k.refuse && l.inner == nil:
		err = l.open()
		l.changed.Broadcast()
	}
	l.drop()
	return err
}

// ClearConnections ends what SetConnections began.
func (f *Front) ClearConnections() error { return f.SetConnections(ConnectionKind{}) }

// Certificates are certificates for servers at 127.0.0.1.
type Certificates struct {
	// CA is the certificate of the authority that clients know, in PEM.
	CA string

	byName map[string]*tls.Certificate
}

// NewCertificates makes certificates.
var NewCertificates = sync.OnceValues(func() (*Certificates, error) {
	year := 365 * 24 * time.Hour
	authority, err := certificate(nil, "127.0.0.1", year)
	if err != nil {
		return nil, err
	}
	c := &Certificates{CA: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate[0]})), byName: map[string]*tls.Certificate{}}
	for name, of := range map[string]struct {
		authority *tls.Certificate
		host      string
		life      time.Duration
	}{
		"":        {authority, "127.0.0.1", year},
		"expired": {authority, "127.0.0.1", -time.Hour},
		"unknown": {nil, "127.0.0.1", year},
		"other":   {authority, "127.0.0.9", year},
	} {
		if c.byName[name], err = certificate(of.authority, of.host, of.life); err != nil {
			return nil, err
		}
	}
	return c, nil
})

func (c *Certificates) config(name string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*c.byName[name]}}
}

// certificate returns a certificate that an authority signed, or that signed itself.
func certificate(authority *tls.Certificate, host string, life time.Duration) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "faults " + serial.String()}, IPAddresses: []net.IP{net.ParseIP(host)},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(life), IsCA: authority == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := template, any(key)
	if authority != nil {
		parent, signer = authority.Leaf, authority.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
