package casefile

// Action is what somebody wants to do, as the policy of package permission
// knows it. An action is asked for before it is done; whether the case's state
// allows it is the table's business.
type Action string

// The actions.
const (
	ActionListCases        Action = "list-cases"
	ActionOpenCase         Action = "open-case"
	ActionAskIdentity      Action = "ask-identity"
	ActionVerifyIdentifier Action = "verify-identifier"
	ActionExtendClock      Action = "extend-clock"
	ActionAskSystems       Action = "ask-systems"
	ActionAnswerTask       Action = "answer-task"
	ActionDecide           Action = "decide"
	ActionPlan             Action = "plan"
	ActionPropose          Action = "propose"
	ActionReturn           Action = "return"
	ActionRelease          Action = "release"
	ActionReplaceCode      Action = "replace-code"
	ActionWriteNote        Action = "write-note"
	ActionWriteLetter      Action = "write-letter"
	ActionConfirmLaw       Action = "confirm-law"
	ActionImportTexts      Action = "import-texts"
	ActionConfirmInventory Action = "confirm-inventory"
	ActionImportInventory  Action = "import-inventory"
	ActionAddStaff         Action = "add-staff"
	ActionSeeConnections   Action = "see-connections"
	ActionConnect          Action = "connect"
	ActionReadLedger       Action = "read-ledger"
	ActionReapply          Action = "reapply"
	ActionSubmit           Action = "submit"
	ActionViewOwn          Action = "view-own"
	ActionDownloadOwn      Action = "download-own"
	ActionWithdrawOwn      Action = "withdraw-own"
	ActionReadNotice       Action = "read-notice"
	ActionConfirmNotice    Action = "confirm-notice"
	ActionRunJob           Action = "run-job"
)

// Actions lists them: first what staff do, then the applicant, a recipient, and the program.
var Actions = []Action{
	ActionListCases, ActionOpenCase, ActionAskIdentity, ActionVerifyIdentifier, ActionExtendClock,
	ActionAskSystems, ActionAnswerTask, ActionDecide, ActionPlan, ActionPropose, ActionReturn, ActionRelease,
	ActionReplaceCode, ActionWriteNote, ActionWriteLetter, ActionConfirmLaw, ActionImportTexts, ActionConfirmInventory, ActionImportInventory, ActionAddStaff,
	ActionSeeConnections, ActionConnect, ActionReadLedger, ActionReapply,
	ActionSubmit, ActionViewOwn, ActionDownloadOwn, ActionWithdrawOwn,
	ActionReadNotice, ActionConfirmNotice,
	ActionRunJob,
}
