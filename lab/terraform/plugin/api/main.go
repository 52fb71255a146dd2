// Package api is the command lab-cloud: what of a cloud is asked and set from outside, and the API of DigitalOcean.
package api

import (
	"encoding/json"
	"fmt"
	"os"

	"slipway.test/lab/terraform/cloud"
)

const usage = `usage: lab-cloud COMMAND, in the cloud that LAB_CLOUD names
  show            everything there is, as JSON
  rules RULES     the faults from now on, as a JSON list: [{"on": "droplet.create", "status": 422, "times": 1}]
  serve FILE      the API of DigitalOcean on a free port of 127.0.0.1; FILE gets its address once it listens`

// Main runs the command, and gives its exit code.
func Main(args []string) int {
	opened, err := cloud.Open()
	switch {
	case err != nil:
	case len(args) == 1 && args[0] == "show":
		var state *cloud.State
		if state, err = opened.Look(); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(state)
		}
	case len(args) == 2 && args[0] == "rules":
		var rules []*cloud.Rule
		if err = json.Unmarshal([]byte(args[1]), &rules); err == nil {
			err = opened.Update(func(state *cloud.State) error {
				state.Rules = rules
				return nil
			})
		}
	case len(args) == 2 && args[0] == "serve":
		err = serve(opened, args[1])
	default:
		fmt.Fprintln(os.Stderr, usage)
		return 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab-cloud:", err)
		return 1
	}
	return 0
}
