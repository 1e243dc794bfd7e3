"""Writes records into the database of a Mailman of the tests, as its REST interface would one by one, in a fifth of a second each.

fill.py DATABASE clear | add | print     (add reads JSON from stdin)
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
