package connector

// Ability is something that can be done with the records of a system.
type Ability string

// The abilities. What a system can't do is a task for its unit.
const (
	CanFind     Ability = "find"
	CanPreview  Ability = "preview"
	CanErase    Ability = "erase"
	CanRectify  Ability = "rectify"
	CanRestrict Ability = "restrict"
)
