// Package fields makes attributes of schemas, in one line each.
package fields

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Flag says what may be done with an attribute.
type Flag int

// What is Computed keeps its value while nobody says another one; another value of what has Replace makes the thing anew.
const (
	Required Flag = 1 << iota
	Optional
	Computed
	Replace
)

func (f Flag) has(flag Flag) bool { return f&flag != 0 }

// String is an attribute of text.
func String(flags Flag) schema.StringAttribute {
	var modifiers []planmodifier.String
	if flags.has(Computed) {
		modifiers = append(modifiers, stringplanmodifier.UseStateForUnknown())
	}
	if flags.has(Replace) {
		modifiers = append(modifiers, stringplanmodifier.RequiresReplace())
	}
	return schema.StringAttribute{
		Required: flags.has(Required), Optional: flags.has(Optional), Computed: flags.has(Computed), PlanModifiers: modifiers,
	}
}

// Text is an optional attribute of text with a value of its own.
func Text(standard string, flags Flag) schema.StringAttribute {
	attribute := String(flags | Optional)
	attribute.Computed = true
	attribute.Default = stringdefault.StaticString(standard)
	return attribute
}

// Secret is a text that plans don't show.
func Secret(flags Flag) schema.StringAttribute {
	attribute := String(flags)
	attribute.Sensitive = true
	return attribute
}

// Int is a number.
func Int(flags Flag) schema.Int64Attribute {
	var modifiers []planmodifier.Int64
	if flags.has(Computed) {
		modifiers = append(modifiers, int64planmodifier.UseStateForUnknown())
	}
	if flags.has(Replace) {
		modifiers = append(modifiers, int64planmodifier.RequiresReplace())
	}
	return schema.Int64Attribute{
		Required: flags.has(Required), Optional: flags.has(Optional), Computed: flags.has(Computed), PlanModifiers: modifiers,
	}
}

// Number is an optional number with a value of its own.
func Number(standard int64, flags Flag) schema.Int64Attribute {
	attribute := Int(flags | Optional)
	attribute.Computed = true
	attribute.Default = int64default.StaticInt64(standard)
	return attribute
}

// Bool is yes or no.
func Bool(flags Flag) schema.BoolAttribute {
	var modifiers []planmodifier.Bool
	if flags.has(Computed) {
		modifiers = append(modifiers, boolplanmodifier.UseStateForUnknown())
	}
	if flags.has(Replace) {
		modifiers = append(modifiers, boolplanmodifier.RequiresReplace())
	}
	return schema.BoolAttribute{
		Required: flags.has(Required), Optional: flags.has(Optional), Computed: flags.has(Computed), PlanModifiers: modifiers,
	}
}

// Switch is an optional yes or no with a value of its own.
func Switch(standard bool, flags Flag) schema.BoolAttribute {
	attribute := Bool(flags | Optional)
	attribute.Computed = true
	attribute.Default = booldefault.StaticBool(standard)
	return attribute
}

// Texts is a list of texts.
func Texts(flags Flag) schema.ListAttribute {
	var modifiers []planmodifier.List
	if flags.has(Computed) {
		modifiers = append(modifiers, listplanmodifier.UseStateForUnknown())
	}
	if flags.has(Replace) {
		modifiers = append(modifiers, listplanmodifier.RequiresReplace())
	}
	return schema.ListAttribute{
		ElementType: types.StringType,
		Required:    flags.has(Required), Optional: flags.has(Optional), Computed: flags.has(Computed), PlanModifiers: modifiers,
	}
}

// TextSet is a set of texts, NumberSet one of numbers.
func TextSet(flags Flag) schema.SetAttribute {
	var modifiers []planmodifier.Set
	if flags.has(Computed) {
		modifiers = append(modifiers, setplanmodifier.UseStateForUnknown())
	}
	if flags.has(Replace) {
		modifiers = append(modifiers, setplanmodifier.RequiresReplace())
	}
	return schema.SetAttribute{
		ElementType: types.StringType,
		Required:    flags.has(Required), Optional: flags.has(Optional), Computed: flags.has(Computed), PlanModifiers: modifiers,
	}
}

// NumberSet is a set of numbers.
func NumberSet(flags Flag) schema.SetAttribute {
	attribute := TextSet(flags)
	attribute.ElementType = types.Int64Type
	return attribute
}

// Blocks is a list of nested blocks; other ones make the thing anew where the flag says so.
func Blocks(attributes map[string]schema.Attribute, flags Flag, most int) schema.ListNestedBlock {
	block := schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: attributes}}
	if flags.has(Replace) {
		block.PlanModifiers = append(block.PlanModifiers, listplanmodifier.RequiresReplace())
	}
	if most > 0 {
		block.Validators = append(block.Validators, atMost(most))
	}
	return block
}

// BlockSet is a set of nested blocks.
func BlockSet(attributes map[string]schema.Attribute) schema.SetNestedBlock {
	return schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: attributes}}
}
