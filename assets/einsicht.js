// What scripts add to pages that work without them. Nothing here is needed to
// file a request or to work a case.
(function () {
	"use strict";

	// A button that prints is of no use without scripts, so it comes hidden.
	function prepare(root) {
		root.querySelectorAll("[data-print]").forEach(function (button) {
			button.hidden = false;
		});
		var first = root.querySelector("[data-focus]");
		if (first) first.focus();
	}

	document.addEventListener("click", function (event) {
		var button = event.target.closest("[data-print]");
		if (button) window.print();
	});

	// A form is sent once, however often the button is pressed.
	document.addEventListener("submit", function (event) {
		var form = event.target;
		if (form.method !== "post") return;
		if (form.dataset.sent) {
			event.preventDefault();
			return;
		}
		form.dataset.sent = "1";
		setTimeout(function () { delete form.dataset.sent; }, 5000);
	});

	// Back and forward show a kept page: its form may be sent again.
	window.addEventListener("pageshow", function () {
		document.querySelectorAll("form[data-sent]").forEach(function (form) {
			delete form.dataset.sent;
		});
	});

	// The desk's keys: "/" to the search box, j and k through rows, Enter opens.
	document.addEventListener("keydown", function (event) {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
		if (event.key === "/") {
			var search = document.querySelector("[data-search]");
			if (!search) return;
			event.preventDefault();
			search.focus();
			return;
		}
		if (event.key !== "j" && event.key !== "k") return;
		var links = Array.from(document.querySelectorAll("[data-rows] tbody tr th a"));
		if (links.length === 0) return;
		var next = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
		links[Math.min(Math.max(next, 0), links.length - 1)].focus();
	});

	document.addEventListener("htmx:afterSwap", function (event) {
		prepare(event.target.parentElement || event.target);
	});
	prepare(document);
})();
