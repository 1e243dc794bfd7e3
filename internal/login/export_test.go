package login

// Runs says how many argon2id runs there were.
func (a *Accounts) Runs() int64 { return a.passwords.runs.Load() }

// OccupyAllSlots makes everybody wait who wants a password hashed.
func (a *Accounts) OccupyAllSlots() (release func()) {
	for range runsAtOnce {
		a.passwords.slots <- struct{}{}
	}
	return func() {
		for range runsAtOnce {
			<-a.passwords.slots
		}
	}
}

// Judge and WaitAfter let the tests outside look at the rules.
var (
	Judge     = judge
	WaitAfter = waitAfter
)
