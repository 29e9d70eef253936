package fortigate

import (
	"encoding/json"
	"fmt"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// Service is a service, a support contract, or a license of the device itself.
type Service struct {
	// Name is its key in the answer. Those of objects within each other are joined by underscores: forticare_support_hardware.
	Name string `json:"-"`
	// Type is what kind of service it is, such as downloaded_fds_object.
	Type scalar.Word `json:"type"`
	// Status is empty for licenses that only have numbers, and "unknown" if it could not be read.
	Status scalar.Word `json:"status"`
	// Expires is zero if there is no end.
	Expires Expiry `json:"expires"`
	// Entitlement is the code of what was bought, such as AVDB. Several services have the same.
	Entitlement scalar.Word `json:"entitlement"`
	// SupportLevel is that of a support contract, such as Premium.
	SupportLevel scalar.Word `json:"support_level"`
	// Used and Max are numbers of virtual domains or messages.
	Used scalar.Count `json:"used"`
	Max  scalar.Count `json:"max"`
	// CPUUsed and CPUMax are numbers of CPUs of a virtual machine.
	CPUUsed scalar.Count `json:"cpu_used"`
	CPUMax  scalar.Count `json:"cpu_max"`
}

// IsLicense reports whether there is a license or contract that has a state. Others only have numbers.
func (s *Service) IsLicense() bool {
	return s.Status != "" || s.Entitlement != "" || s.Expires != Expiry{}
}

// isService reports whether an object says anything about a license. Others, such as engine, are parts of a service.
func (s *Service) isService() bool {
	return s.IsLicense() || s.Used != scalar.Count{} || s.Max != scalar.Count{}
}

// unknown is the status of a service whose status could not be read.
const unknown scalar.Word = "unknown"

// Expiry is when a license ends: Unix time in seconds, 0 if it does not.
type Expiry scalar.Time

// noExpiryFrom is later than any end, in Unix time in seconds: the year 10000.
const noExpiryFrom = 253402300800

// UnmarshalJSON reads any value. It never fails.
func (e *Expiry) UnmarshalJSON(b []byte) error {
	*e = Expiry{}
	var seconds scalar.Int
	_ = seconds.UnmarshalJSON(b) // it never fails
	switch {
	case seconds.Unreadable, seconds.Value < 0, seconds.Value >= noExpiryFrom:
		e.Unreadable = true
	case seconds.Value > 0:
		e.Time = time.Unix(seconds.Value, 0).UTC()
	}
	return nil
}

// Bad implements scalar.Value.
func (e *Expiry) Bad() bool { return e.Unreadable }

// results are the services of an answer, whose keys depend on the model and the version. Its fields are not exported, because it finds
// unreadable values itself.
type results struct {
	services   []Service
	unreadable []string
}

const (
	// maxServices bounds the services of a device. The largest known answer has 60.
	maxServices = 500
	// maxDepth is how deep services are within each other. In forticare.support.hardware, it is 3.
	maxDepth = 3
)

// UnmarshalJSON reads any value. It only fails if there are too many services.
func (r *results) UnmarshalJSON(b []byte) error {
	*r = results{}
	r.add("", b, 1)
	if len(r.services) > maxServices {
		return fmt.Errorf("the answer has more than %d services", maxServices)
	}
	return nil
}

// add adds the services among the members of an object, and those within them.
func (r *results) add(prefix string, object []byte, depth int) {
	for name, value := range rest.Members(object) {
		if len(r.services) > maxServices || len(value) == 0 || value[0] != '{' {
			continue
		}
		if s := r.decode(value); s.isService() {
			s.Name = string(scalar.WordOf(prefix + name))
			r.services = append(r.services, s)
		}
		if depth < maxDepth {
			r.add(prefix+name+"_", value, depth+1)
		}
	}
}

func (r *results) decode(object []byte) (s Service) {
	badStatus := false
	found := func(field string, _ func(func(string) string) string) {
		if field == "status" {
			badStatus = true
		} else {
			r.unreadable = append(r.unreadable, field)
		}
	}
	if scalar.Decode(&s, object, found) == 0 {
		s = Service{}
		_ = json.Unmarshal(object, &s) // none of its types fails
		scalar.Check(&s, object, found)
	}
	if badStatus {
		s.Status = unknown
	}
	return s
}
