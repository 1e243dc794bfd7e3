"""Writes records into the database of a Mailman of the tests, as its REST interface would one by one, in a fifth of a second each.

fill.py DATABASE clear | add | print | pieces     (add reads JSON from stdin)
"""
import hashlib, json, sqlite3, sys

db, what = sys.argv[1:3]
con = sqlite3.connect(db, timeout=60)
TABLES = ["member", "address", "user", "preferences", "pendedkeyvalue", "pended", "ban", "_request", "message"]


def preferences(given):
    given = given or {}
    cur = con.execute(
        "INSERT INTO preferences (hide_address, receive_own_postings) VALUES (?, ?)",
        (given.get("hide_address"), given.get("receive_own_postings")))
    return cur.lastrowid


def when(s):
    return None if s.startswith("0001") else s.replace("T", " ").replace("Z", "") + ".000000"


if what == "clear":
    for table in TABLES:
        con.execute(f"DELETE FROM {table}")
elif what == "print":
    sum = hashlib.sha256()
    for table in TABLES + ["mailinglist", "domain"]:
        for row in con.execute(f"SELECT * FROM {table} ORDER BY id"):
            sum.update(repr((table, row)).encode())
    print(sum.hexdigest())
elif what == "pieces":
    con.row_factory = lambda cur, row: {c[0]: v for c, v in zip(cur.description, row)}
    settings = {p["id"]: repr([v for k, v in sorted(p.items()) if k != "id"]) for p in con.execute("SELECT * FROM preferences")}
    pieces = {}

    def piece(name, row, *without):
        said = {k: v for k, v in row.items() if k not in without + ("id", "preferences_id")}
        pieces[name] = repr(sorted(said.items())) + settings.get(row.get("preferences_id"), "")

    for row in con.execute("SELECT * FROM address"):
        piece("addresses/" + row["email"], row)
    for row in con.execute("SELECT * FROM user"):
        piece("users/" + row["_user_id"].replace("-", ""), row, "_preferred_address_id")
    for row in con.execute("SELECT * FROM member"):
        piece("members/" + row["_member_id"].replace("-", ""), row)
    for row in con.execute("SELECT * FROM ban"):
        piece("bans/" + (row["list_id"] + "/" if row["list_id"] else "") + row["email"], row)
    for row in con.execute("SELECT * FROM _request"):
        piece("held/%s/%d" % (con.execute("SELECT list_id FROM mailinglist WHERE id = ?", (row["mailing_list_id"],)).fetchone()["list_id"], row["id"]), row)
    for row in con.execute("SELECT * FROM pended").fetchall():
        said = {r["key"]: r["value"] for r in con.execute("SELECT key, value FROM pendedkeyvalue WHERE pended_id = ?", (row["id"],))}
        if said.get("type") in ("subscription", "unsubscription"):
            name = "requests/%s/%s" % (json.loads(said["list_id"]), hashlib.sha256(row["token"].encode()).hexdigest()[:24])
            pieces[name] = repr(sorted(said.items()))
    print(json.dumps(pieces))
elif what == "add":
    crop = json.load(sys.stdin)
    users, addresses = {}, {}
    for u in crop["Users"] or []:
        users[u["ID"]] = con.execute(
            "INSERT INTO user (display_name, password, _user_id, _created_on, is_server_owner, preferences_id) VALUES (?, ?, ?, ?, 0, ?)",
            (u["DisplayName"], u["Password"], u["ID"], when(u["Created"]), preferences(u["Preferences"]))).lastrowid
    for a in crop["Addresses"] or []:
        small = a["Email"].lower()
        addresses[small] = con.execute(
            "INSERT INTO address (email, _original, display_name, verified_on, registered_on, user_id, preferences_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (small, None if small == a["Email"] else a["Email"], a["DisplayName"], when(a["Verified"]), when(a["Registered"]),
             users.get(a["User"]), preferences(a["Preferences"]))).lastrowid
    for m in crop["Members"] or []:
        con.execute(
            "INSERT INTO member (_member_id, role, list_id, address_id, preferences_id, bounce_score, last_warning_sent, total_warnings_sent)"
            " VALUES (?, ?, ?, ?, ?, 0, '0001-01-01 00:00:00.000000', 0)",
            (m["ID"], ["", "member", "owner", "moderator", "nonmember"].index(m["Role"]), m["List"], addresses[m["Email"].lower()],
             preferences(m["Preferences"])))
    for r in crop["Requests"] or []:
        id = con.execute("INSERT INTO pended (token, expiration_date) VALUES (?, '2099-01-01 00:00:00.000000')", (r["Token"],)).lastrowid
        con.execute("INSERT INTO pendedkeyvalue (key, value, pended_id) VALUES ('type', ?, ?)", (r["Type"], id))
        for key, value in [("list_id", r["List"]), ("email", r["Email"]), ("display_name", r["DisplayName"]),
                           ("when", r["When"].replace("Z", "")), ("token_owner", "moderator")]:
            con.execute("INSERT INTO pendedkeyvalue (key, value, pended_id) VALUES (?, ?, ?)", (key, json.dumps(value), id))
    for b in crop["Bans"] or []:
        con.execute("INSERT INTO ban (email, list_id) VALUES (?, ?)", (b["Email"], b["List"] or None))
con.commit()
