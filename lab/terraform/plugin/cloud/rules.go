package cloud

import (
	"os"
	"slices"
	"syscall"
	"time"
)

// Rule is a fault on demand: what happens to an operation, such as `droplet.create`.
type Rule struct {
	On string `json:"on"`
	// Name of the thing; of any when it is empty.
	Name string `json:"name,omitempty"`
	// Times it still happens; 0: always.
	Times int `json:"times,omitempty"`
	// Delay in milliseconds, before the effect.
	Delay int `json:"delay,omitempty"`
	// Message and Status refuse the operation, before the effect.
	Message string `json:"message,omitempty"`
	Status  int    `json:"status,omitempty"`
	// Never: what is waited for does not come.
	Never bool `json:"never,omitempty"`
	// Crash: the provider is killed, 'before' the effect or 'after' it and before it is told.
	Crash string `json:"crash,omitempty"`
}

// Meet gives the rule that an operation meets now, used up by one; an empty one where there is none. It has waited and
// crashed already where the rule says so.
func (c *Cloud) Meet(operation, name string) (Rule, error) {
	met, err := c.Take(operation, name)
	if err != nil {
		return met, err
	}
	time.Sleep(time.Duration(met.Delay) * time.Millisecond)
	if met.Crash == "before" {
		die()
	}
	return met, nil
}

// Take is Meet for what takes its time by itself.
func (c *Cloud) Take(operation, name string) (Rule, error) {
	var met Rule
	err := c.Update(func(state *State) error {
		for index, rule := range state.Rules {
			if rule.On != operation || rule.Name != "" && rule.Name != name {
				continue
			}
			met = *rule
			if rule.Times == 1 {
				state.Rules = slices.Delete(state.Rules, index, index+1)
			} else if rule.Times > 1 {
				rule.Times--
			}
			break
		}
		return nil
	})
	return met, err
}

// Done is called when an operation has had its effect, and nobody was told yet.
func (r Rule) Done() {
	if r.Crash == "after" {
		die()
	}
}

func die() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
