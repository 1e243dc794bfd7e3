package landscape

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// sites are Drupal sites.
var sites = []database{
	{id: "stk-accounts", authority: "stk-nrw", like: "drupal", record: siteAccount, tables: siteTables},
	{id: "itnrw-drupal", authority: "it-nrw", like: "drupal", record: siteAccount, tables: siteTables},
}

var siteTables = []table{
	{"users", 1, "uid uuid langcode"},
	{"users_field_data", 2, "uid langcode preferred_langcode name pass mail timezone status created changed access login init default_langcode"},
	{"user__roles", 4, "entity_id deleted delta langcode bundle revision_id roles_target_id"},
	{"comment_field_data", 2, "cid langcode comment_type status uid entity_id subject name hostname created changed thread entity_type field_name default_langcode"},
	{"comment__comment_body", 4, "entity_id deleted delta langcode bundle revision_id comment_body_value comment_body_format"},
	{"webform_submission", 1, "sid webform_id uuid langcode token created completed changed in_draft remote_addr uid"},
	{"webform_submission_data", 4, "sid name property delta webform_id value"},
}

// siteAccount is an account, what it wrote, and a form it sent.
func siteAccount(s *sheet, p Person, r *rand.Rand) {
	created := s.ago(r, 900)
	uid, at := s.next("users"), created.Unix()
	w := p.spelled(r)
	s.add("users", uid, number(s.system.id, "user", figures(uid)), "de")
	name := p.Account
	if !s.fresh {
		name = p.Account + "-" + figures(uid) // a second account with the same address
	}
	s.add("users_field_data", uid, "de", "de", name, "$2y$10$"+number(p.ID)[:22], w.Email, "Europe/Berlin", 1, at, at, at+3600, at+3600, p.Email, 1)
	for i, role := range some(r, "redaktion", "mitglied") {
		s.add("user__roles", uid, 0, i, "de", "user", uid, role)
	}
	for range r.IntN(3) {
		cid, when := s.next("comment_field_data"), created.Add(time.Duration(1+r.IntN(20))*time.Minute)
		s.add("comment_field_data", cid, "de", "comment", 1, uid, 1+r.IntN(9), pick(r, []string{"Danke", "Frage", "Nachtrag"}), name, s.from(w, when).String(), when.Unix(), when.Unix(), "01/", "node", "comment", 1)
		s.add("comment__comment_body", cid, 0, 0, "de", "comment", cid, pick(r, []string{"Das hat mir geholfen.", "Gibt es das auch auf Türkisch?"}), "plain_text")
	}
	sid := s.next("webform_submission")
	s.add("webform_submission", sid, "kontakt", number(s.system.id, "form", figures(sid)), "de", number("token", figures(sid)), at+60, at+60, at+60, 0, s.from(w, created.Add(time.Minute)).String(), uid)
	for _, e := range [][2]string{{"e_mail", w.Email}, {"name", w.Name()}, {"nachricht", "Bitte rufen Sie mich an."}} {
		s.add("webform_submission_data", sid, e[0], blank(""), 0, "kontakt", e[1])
	}
}

func figures(n int64) string { return strconv.FormatInt(n, 10) }

// blank is text that is there and empty; of other empty text nothing is known.
type blank string
