package api

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
)

// serve answers on a free port; the file gets its address once it listens.
func serve(c *cloud.Cloud, file string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", []byte("http://"+listener.Addr().String()+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	go forward(c)
	server := &server{c}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/account", server.asked("account.read", server.account))
	for path, list := range lists {
		mux.HandleFunc("GET /v2/"+path, server.asked(path+".list", server.list(list)))
		mux.HandleFunc("GET /v2/"+path+"/{id}", server.asked(path+".read", server.one(list)))
	}
	for path, remove := range removals {
		mux.HandleFunc("DELETE /v2/"+path+"/{id}", server.removed(remove))
	}
	mux.HandleFunc("DELETE /v2/droplets", server.removedByTag)
	mux.HandleFunc("/", func(out http.ResponseWriter, in *http.Request) {
		answer(out, account.NotFound(in.Method, in.URL.Path))
	})
	return http.Serve(listener, mux)
}

type server struct{ cloud *cloud.Cloud }

func (s *server) of(in *http.Request) account.Account {
	return account.Account{Cloud: s.cloud, Token: strings.TrimPrefix(in.Header.Get("Authorization"), "Bearer ")}
}

func say(out http.ResponseWriter, status int, body any) {
	out.Header().Set("Content-Type", "application/json; charset=utf-8")
	out.Header().Set("X-Request-Id", cloud.NewID())
	out.WriteHeader(status)
	json.NewEncoder(out).Encode(body)
}

// answer says what became of a request that gives nothing back.
func answer(out http.ResponseWriter, err error) {
	var refusal *account.Refusal
	switch {
	case err == nil:
		out.WriteHeader(http.StatusNoContent)
	case errors.As(err, &refusal):
		if refusal.Status == http.StatusTooManyRequests {
			out.Header().Set("Retry-After", "1")
			out.Header().Set("Ratelimit-Limit", "5000")
			out.Header().Set("Ratelimit-Remaining", "0")
		}
		say(out, refusal.Status, map[string]string{"id": refusal.ID, "message": refusal.Message})
	default:
		say(out, 500, map[string]string{"id": "server_error", "message": err.Error()})
	}
}

type seen func(in *http.Request, state *cloud.State, asked account.Account) (any, error)

func (s *server) asked(operation string, look seen) http.HandlerFunc {
	return func(out http.ResponseWriter, in *http.Request) {
		asked := s.of(in)
		state, err := asked.Ask(in.URL.Path, operation)
		var body any
		if err == nil {
			body, err = look(in, state, asked)
		}
		if err != nil {
			answer(out, err)
			return
		}
		say(out, 200, body)
	}
}

func (s *server) account(_ *http.Request, _ *cloud.State, asked account.Account) (any, error) {
	return map[string]any{"account": map[string]any{
		"droplet_limit": asked.Cloud.Settings.Droplets, "floating_ip_limit": 3, "volume_limit": 10, "email": "lab@example.com",
		"uuid": "b6fr89dbf6d9156cace5f3c78dc9851d957381ef", "email_verified": true, "status": "active", "status_message": "",
		"team": map[string]string{"uuid": "5df3e3004a17e242b7c20ca6c9fc25b701a47ece", "name": "Lab"},
	}}, nil
}

// list answers a page of those that a query asks for, with links to the others.
func (s *server) list(list listing) seen {
	return func(in *http.Request, state *cloud.State, asked account.Account) (any, error) {
		query := in.URL.Query()
		all := []thing{}
		for _, each := range list.all(state, asked) {
			if tag := query.Get("tag_name"); tag != "" && !each.hasTag(tag) {
				continue
			}
			if name := query.Get("name"); name != "" && each.body["name"] != name {
				continue
			}
			all = append(all, each)
		}
		page, perPage := number(query, "page", 1, 1<<30), number(query, "per_page", 20, 200)
		first := min(len(all), (page-1)*perPage)
		bodies := []map[string]any{}
		for _, each := range all[first:min(len(all), first+perPage)] {
			bodies = append(bodies, each.body)
		}
		last := max(1, (len(all)+perPage-1)/perPage)
		return map[string]any{
			list.plural: bodies, "meta": map[string]int{"total": len(all)}, "links": linksOf(in, page, last),
		}, nil
	}
}

func number(query url.Values, name string, standard, most int) int {
	value, err := strconv.Atoi(query.Get(name))
	if err != nil || value < 1 {
		return standard
	}
	return min(value, most)
}

func linksOf(in *http.Request, page, last int) map[string]any {
	if last == 1 {
		return map[string]any{}
	}
	pages := map[string]string{}
	add := func(name string, number int) {
		query := in.URL.Query()
		query.Set("page", strconv.Itoa(number))
		pages[name] = "https://api.digitalocean.com" + in.URL.Path + "?" + query.Encode()
	}
	if page > 1 {
		add("first", 1)
		add("prev", page-1)
	}
	if page < last {
		add("next", page+1)
		add("last", last)
	}
	return map[string]any{"pages": pages}
}

func (s *server) one(list listing) seen {
	return func(in *http.Request, state *cloud.State, asked account.Account) (any, error) {
		for _, each := range list.all(state, asked) {
			if each.id == in.PathValue("id") {
				return map[string]any{list.single: each.body}, nil
			}
		}
		return nil, account.NotFound("GET", in.URL.Path)
	}
}

func (s *server) removed(remove removal) http.HandlerFunc {
	return func(out http.ResponseWriter, in *http.Request) { answer(out, remove(s.of(in), in.PathValue("id"))) }
}

func (s *server) removedByTag(out http.ResponseWriter, in *http.Request) {
	asked, tag := s.of(in), in.URL.Query().Get("tag_name")
	state, err := asked.Ask(in.URL.Path, "droplets.list")
	if err == nil && tag == "" {
		err = account.NotFound("DELETE", in.URL.Path)
	}
	if err == nil {
		for _, each := range lists["droplets"].all(state, asked) {
			if each.hasTag(tag) {
				err = errors.Join(err, removals["droplets"](asked, each.id))
			}
		}
	}
	answer(out, err)
}
