package api

import (
	"regexp"
	"strconv"

	"slipway.test/lab/terraform/account"
	"slipway.test/lab/terraform/cloud"
)

// What can be named when a droplet is made, as the API lists it: everything is to be had in every region.

func catalogue(slugs func(cloud.Settings) []string, body func(slug string, settings cloud.Settings) map[string]any) func(*cloud.State, account.Account) []thing {
	return func(_ *cloud.State, asked account.Account) []thing {
		all := []thing{}
		for _, slug := range slugs(asked.Cloud.Settings) {
			all = append(all, thing{slug, nil, body(slug, asked.Cloud.Settings)})
		}
		return all
	}
}

var regions = catalogue(func(settings cloud.Settings) []string { return settings.Regions }, func(slug string, settings cloud.Settings) map[string]any {
	return map[string]any{"slug": slug, "name": slug, "available": true, "sizes": settings.Sizes, "features": []string{}}
})

var images = catalogue(func(settings cloud.Settings) []string { return settings.Images }, func(slug string, settings cloud.Settings) map[string]any {
	return map[string]any{"id": 1, "slug": slug, "name": slug, "type": "base", "regions": settings.Regions, "status": "available"}
})

var sizeSlug = regexp.MustCompile(`-(\d+)vcpu-(\d+)gb`)

var sizes = catalogue(func(settings cloud.Settings) []string { return settings.Sizes }, func(slug string, settings cloud.Settings) map[string]any {
	body := map[string]any{"slug": slug, "available": true, "regions": settings.Regions}
	if found := sizeSlug.FindStringSubmatch(slug); found != nil {
		body["vcpus"], _ = strconv.Atoi(found[1])
		memory, _ := strconv.Atoi(found[2])
		body["memory"], body["disk"] = memory*1024, memory*25
	}
	return body
})
