package fields

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

type atMost int

func (n atMost) Description(context.Context) string {
	return fmt.Sprintf("no more than %d", int(n))
}
func (n atMost) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }
func (n atMost) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	if !request.ConfigValue.IsUnknown() && len(request.ConfigValue.Elements()) > int(n) {
		response.Diagnostics.AddAttributeError(request.Path, "Too many blocks", fmt.Sprintf("No more than %d are allowed.", int(n)))
	}
}

type oneOf []string

func (words oneOf) Description(context.Context) string             { return strings.Join(words, ", ") }
func (words oneOf) MarkdownDescription(ctx context.Context) string { return words.Description(ctx) }
func (words oneOf) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	value := request.ConfigValue
	if value.IsNull() || value.IsUnknown() || slices.Contains(words, value.ValueString()) {
		return
	}
	response.Diagnostics.AddAttributeError(request.Path, fmt.Sprintf("expected %s to be one of %q, got %s", request.Path, []string(words), value.ValueString()), "")
}

// OneOf lets an attribute be one of these words only.
func OneOf(attribute schema.StringAttribute, words ...string) schema.StringAttribute {
	attribute.Validators = append(attribute.Validators, oneOf(words))
	return attribute
}

type between struct{ least, most int64 }

func (b between) Description(context.Context) string {
	return fmt.Sprintf("%d to %d", b.least, b.most)
}
func (b between) MarkdownDescription(ctx context.Context) string { return b.Description(ctx) }
func (b between) ValidateInt64(_ context.Context, request validator.Int64Request, response *validator.Int64Response) {
	value := request.ConfigValue
	if value.IsNull() || value.IsUnknown() || value.ValueInt64() >= b.least && value.ValueInt64() <= b.most {
		return
	}
	response.Diagnostics.AddAttributeError(request.Path, fmt.Sprintf("expected %s to be in the range (%d - %d), got %d", request.Path, b.least, b.most, value.ValueInt64()), "")
}

// Between lets a number be one of these only.
func Between(attribute schema.Int64Attribute, least, most int64) schema.Int64Attribute {
	attribute.Validators = append(attribute.Validators, between{least, most})
	return attribute
}

type notEmpty struct{}

func (notEmpty) Description(context.Context) string         { return "not empty" }
func (notEmpty) MarkdownDescription(context.Context) string { return "not empty" }
func (notEmpty) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	value := request.ConfigValue
	if !value.IsNull() && !value.IsUnknown() && value.ValueString() == "" {
		response.Diagnostics.AddAttributeError(request.Path, fmt.Sprintf("%s must not be empty, got %q", request.Path, ""), "")
	}
}

// NotEmpty refuses a text that is none.
func NotEmpty(attribute schema.StringAttribute) schema.StringAttribute {
	attribute.Validators = append(attribute.Validators, notEmpty{})
	return attribute
}
