package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// chromium is the one browser process; each session has cookies of its own.
var (
	chromium     context.Context
	stopBrowser  func()
	errNoBrowser = errors.New("the tests in a browser need Chromium: install it with \"sh deploy/install.sh browser\"")
)

// patience is how long something may take that takes moments on a quiet machine.
const patience = 2 * time.Minute

func startBrowser(dir string) error {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(filepath.Join(dir, "chromium")), chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.DisableGPU,
		chromedp.Flag("lang", "de"), chromedp.WSURLReadTimeout(patience),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses its sandbox as root
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	chromium, _ = chromedp.NewContext(allocated)
	stopBrowser = func() {
		if err := chromedp.Cancel(chromium); err != nil { // waits for its end
			fmt.Fprintln(os.Stderr, "e2e: close the browser:", err)
		}
		stop()
	}
	if err := chromedp.Run(chromium); err != nil {
		stopBrowser()
		return errors.Join(errNoBrowser, err)
	}
	return nil
}

// session is one person at one browser: a window with cookies of its own.
type session struct {
	t    *testing.T
	ctx  context.Context
	name string
	dir  string // of downloads

	loaded chan struct{} // a page has

	mu       sync.Mutex
	faults   []string // what no page may do
	asked    int      // requests seen
	finished map[string]bool
	expected map[string]bool // addresses whose pages may answer with an error
	folder   string          // of files that may be opened too
}

// newSession opens a window. At the end of the test it must have asked nobody
// but the portal for anything, and no page may have complained.
func newSession(t *testing.T, name string) *session {
	t.Helper()
	apart, window, err := openWindow()
	if err != nil {
		t.Fatalf("%s: open a window: %v", name, err)
	}
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithTargetID(window))
	s := &session{t: t, ctx: ctx, name: name, dir: t.TempDir(), loaded: make(chan struct{}, 1), finished: map[string]bool{}, expected: map[string]bool{}}
	chromedp.ListenTarget(ctx, s.watch)
	s.do("open a window",
		network.Enable(), log.Enable(), runtime.Enable(), page.Enable(),
		css.Disable(), dom.Disable(), // chromedp's own look at each page is of no use here and takes long
		emulation.SetLocaleOverride().WithLocale("de-DE"),
		network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": "de-DE,de;q=0.9"}),
		s.colours("light"), s.size(1280, 900),
	)
	chromedp.ListenBrowser(ctx, s.watchDownloads)
	s.do("allow downloads", chromedp.ActionFunc(func(ctx context.Context) error {
		return browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllowAndName).
			WithBrowserContextID(apart).WithDownloadPath(s.dir).WithEventsEnabled(true).
			Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
	}))
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, f := range s.faults {
			t.Errorf("%s: %s", name, f)
		}
		if s.asked == 0 && !t.Failed() {
			t.Errorf("%s: no request seen: this checks nothing", name)
		}
		cancel()
	})
	return s
}

// openWindow opens a window that shares nothing with the others.
func openWindow() (cdp.BrowserContextID, target.ID, error) {
	ctx := cdp.WithExecutor(chromium, chromedp.FromContext(chromium).Browser)
	apart, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(ctx)
	if err != nil {
		return "", "", err
	}
	window, err := target.CreateTarget("about:blank").WithBrowserContextID(apart).WithNewWindow(true).Do(ctx)
	return apart, window, err
}

// watch notes what no page of the portal may do: ask anybody else for anything,
// break the content security policy, or fail in a script.
func (s *session) watch(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *page.EventLoadEventFired:
		select {
		case s.loaded <- struct{}{}:
		default:
		}
	case *network.EventRequestWillBeSent:
		s.asked++
		if !s.allowed(e.Request.URL) {
			s.faults = append(s.faults, "a page asked for "+e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		s.faults = append(s.faults, "script failed: "+e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			args, _ := json.Marshal(e.Args)
			s.faults = append(s.faults, "console: "+string(args))
		}
	case *log.EventEntryAdded:
		// A form that comes back with what is wrong is a 422, and no failure.
		if e.Entry.Source == log.SourceNetwork && s.mayFail(e.Entry.URL) {
			return
		}
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			s.faults = append(s.faults, fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

// allowed says whether a page may ask for an address.
func (s *session) allowed(url string) bool {
	return strings.HasPrefix(url, house.URL+"/") || strings.HasPrefix(url, "data:") || s.folder != "" && strings.HasPrefix(url, "file://"+s.folder+"/")
}

// mayFail says whether an address is that of a page; the tests look at what it
// says. Assets never fail.
func (s *session) mayFail(url string) bool {
	return strings.HasPrefix(url, house.URL+"/") && !strings.HasPrefix(url, house.URL+"/assets/") && s.expected[strings.TrimPrefix(url, house.URL)]
}

func (s *session) watchDownloads(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := event.(*browser.EventDownloadProgress); ok && e.State == browser.DownloadProgressStateCompleted {
		s.finished[e.GUID] = true
	}
}

// expectFailure lets the page at a path answer with an error status.
func (s *session) expectFailure(paths ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range paths {
		s.expected[p] = true
	}
}

func (s *session) do(what string, actions ...chromedp.Action) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	if chromedp.FromContext(s.ctx).Target == nil {
		ctx, cancel = s.ctx, func() {} // the first call makes the window, which must not end with it
	}
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		s.t.Fatalf("%s: %s: %v", s.name, what, err)
	}
}

func (s *session) size(width, height int64) chromedp.Action {
	return emulation.SetDeviceMetricsOverride(width, height, 1, false)
}

// look sets width and colours.
func (s *session) look(width int64, dark bool) {
	s.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	s.do("look", s.size(width, 900), s.colours(scheme))
	// A click must not come before the page has taken its new shape.
	ask[bool](s, `new Promise(shown => {
		requestAnimationFrame(() => requestAnimationFrame(() => shown(true)));
		setTimeout(() => shown(false), 500);
	})`)
	if err := s.eval(still, nil); err != nil {
		s.t.Fatal(err)
	}
}

// colours sets light or dark, and keeps pages from gliding: who clicks here is
// faster than that.
func (s *session) colours(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	})
}

// withoutScripts switches scripts off, or on again, from the next page on.
func (s *session) withoutScripts(off bool) {
	s.t.Helper()
	s.do("switch scripts", emulation.SetScriptExecutionDisabled(off))
}

// open goes to a path of the portal.
func (s *session) open(path string) {
	s.t.Helper()
	s.visit(house.URL + path)
}

func (s *session) visit(url string) {
	s.t.Helper()
	if err := s.turn(func() error {
		return chromedp.Run(s.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, failed, _, err := page.Navigate(url).Do(ctx)
			if err == nil && failed != "" {
				err = errors.New(failed)
			}
			return err
		}))
	}); err != nil {
		s.t.Fatalf("%s: open %s: %v", s.name, url, err)
	}
	s.read()
}

// turn does something that leads to another page and waits for that page.
func (s *session) turn(do func() error) error {
	if err := s.eval("window.leaving = true", nil); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	end := time.Now().Add(patience)
	for {
		var ready bool
		// While pages change there is nobody to ask; that passes.
		err := s.eval("document.readyState === 'complete' && !window.leaving && location.href !== 'about:blank'", &ready)
		if err == nil && ready {
			return nil
		}
		if time.Now().After(end) {
			return errors.Join(fmt.Errorf("no new page within %s", patience), err)
		}
		select {
		case <-s.loaded:
		case <-time.After(100 * time.Millisecond): // of another page than this, maybe
		}
	}
}

// read looks at a page that just opened: no sentence may be missing.
func (s *session) read() {
	s.t.Helper()
	if missing := ask[[]string](s, `document.body.textContent.match(/\[[a-z]+(\.[a-z_-]+)+\]/)?.slice(0, 1) ?? []`); len(missing) > 0 {
		s.t.Errorf("%s: %s shows the key of a sentence: %s", s.name, s.path(), missing[0])
	}
}

// eval runs a line of script from outside, also where the page's scripts are
// switched off.
func (s *session) eval(script string, result any) error {
	return chromedp.Run(s.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		value, failed, err := runtime.Evaluate(script).WithReturnByValue(true).WithAwaitPromise(strings.HasPrefix(script, "axe.run") || strings.HasPrefix(script, "new Promise")).Do(ctx)
		if err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(value.Value, result)
	}))
}

// ask is eval for what must work.
func ask[T any](s *session, script string, args ...any) T {
	s.t.Helper()
	for i, a := range args {
		quoted, err := json.Marshal(a)
		if err != nil {
			s.t.Fatal(err)
		}
		args[i] = string(quoted)
	}
	if len(args) > 0 {
		script = fmt.Sprintf(script, args...)
	}
	var result T
	if err := s.eval(script, &result); err != nil {
		s.t.Fatalf("%s: ask %s: %v", s.name, s.path(), err)
	}
	return result
}

// path is where the window is, without fragment.
func (s *session) path() string {
	var path string
	if err := s.eval("location.pathname", &path); err != nil {
		return "?"
	}
	return path
}

func (s *session) title() string {
	s.t.Helper()
	return ask[string](s, "document.title")
}

// text is what can be read of an element; empty if there is none.
func (s *session) text(selector string) string {
	s.t.Helper()
	return ask[string](s, "(document.querySelector(%s)?.innerText ?? '').trim()", selector)
}

// has says whether an element is there.
func (s *session) has(selector string) bool {
	s.t.Helper()
	return ask[bool](s, "document.querySelector(%s) !== null", selector)
}

// count counts elements.
func (s *session) count(selector string) int {
	s.t.Helper()
	return ask[int](s, "document.querySelectorAll(%s).length", selector)
}

// spot is where something can be clicked.
type spot struct {
	X, Y  float64
	Wrong string // why it can't
	Fold  bool   // first what hides it has to be unfolded, by a click here
}

// find says where a person would click for a button, link or field with a label
// within a part of the page. A field in a folded part is found by unfolding.
const find = `((scope, kind, label) => {
	const norm = s => s.replace(/\s+/g, ' ').trim();
	const root = document.querySelector(scope);
	if (!root) return {wrong: 'no ' + scope};
	let found = [];
	if (kind === 'element') found = [root];
	if (kind === 'button') found = [...root.querySelectorAll('button, a, summary')].filter(e => norm(e.textContent) === label);
	if (kind === 'field') found = [...root.querySelectorAll('label')].filter(l => {
		const copy = l.cloneNode(true);
		copy.querySelectorAll('.kern-label__optional').forEach(o => o.remove());
		return norm(copy.textContent) === label;
	}).map(l => l.control);
	if (kind === 'choice') {
		const [legend, option] = label.split(' ⇒ ');
		const group = [...root.querySelectorAll('fieldset')].filter(f => {
			const copy = f.querySelector('legend').cloneNode(true);
			copy.querySelectorAll('.kern-label__optional').forEach(o => o.remove());
			return norm(copy.textContent) === legend;
		});
		found = group.flatMap(g => [...g.querySelectorAll('label')]).filter(l => norm(l.textContent) === option).map(l => l.control);
	}
	found = found.filter(e => e && !e.closest('[hidden]'));
	if (found.length !== 1) return {wrong: found.length + ' of ' + kind + ' "' + label + '" in ' + scope};
	let e = found[0];
	const closed = [];
	for (let p = e.parentElement; p; p = p.parentElement) if (p.tagName === 'DETAILS' && !p.open && !e.matches('summary')) closed.push(p);
	let fold = false;
	if (closed.length) { e = closed[closed.length - 1].querySelector('summary'); fold = true; }
	e.scrollIntoView({block: 'center', behavior: 'instant'});
	const box = e.getClientRects()[0];
	if (!box || box.width === 0 || box.height === 0) return {wrong: kind + ' "' + label + '" is not visible'};
	const x = box.x + Math.min(box.width / 2, 40), y = box.y + box.height / 2;
	const top = document.elementFromPoint(x, y);
	if (!top || !(e.contains(top) || top.contains(e) || top.closest('label')?.control === e)) return {wrong: kind + ' "' + label + '" lies below something: ' + top?.outerHTML.slice(0, 120)};
	return {x, y, fold};
})(%s, %s, %s)`

func (s *session) where(scope, kind, label string) spot {
	s.t.Helper()
	var last spot
	wrong := time.Now().Add(10 * time.Second) // what is not there now will not come, but what covers it may go
	for n, end := 0, time.Now().Add(patience); time.Now().Before(end); n++ {
		at := ask[spot](s, find, scope, kind, label)
		switch {
		case at.Wrong != "":
			if time.Now().After(wrong) {
				s.t.Fatalf("%s: %s: %s\n%s", s.name, s.path(), at.Wrong, s.text("main"))
			}
			last = spot{}
		case at != last: // a page that still moves is not clicked on
			last = at
		case !at.Fold:
			return at
		default:
			s.click(at)
		}
		if n > 5 {
			time.Sleep(20 * time.Millisecond)
		}
	}
	s.t.Fatalf("%s: %s: %s %s stays folded, or moves", s.name, s.path(), scope, label)
	return spot{}
}

func (s *session) click(at spot) {
	s.t.Helper()
	s.do("click", chromedp.MouseClickXY(at.X, at.Y))
}

// press presses a button or follows a link that leads to another page.
func (s *session) press(scope, label string) {
	s.t.Helper()
	s.follow(s.where(scope, "button", label), label)
}

// send presses the one button of a form.
func (s *session) send(form string) {
	s.t.Helper()
	s.follow(s.where(form+" [type=submit]", "element", ""), form)
}

func (s *session) follow(at spot, label string) {
	s.t.Helper()
	if err := s.turn(func() error { return chromedp.Run(s.ctx, chromedp.MouseClickXY(at.X, at.Y)) }); err != nil {
		s.t.Fatalf("%s: %s: press %q: %v\n%s", s.name, s.path(), label, err, s.text("main"))
	}
	s.read()
}

// unfold opens a folded part.
func (s *session) unfold(id string) {
	s.t.Helper()
	if !ask[bool](s, "document.getElementById(%s).open", id) {
		s.click(s.where("#"+id+" > summary", "element", ""))
	}
}

// fill types into a field, over what stood there.
func (s *session) fill(scope, label, text string) {
	s.t.Helper()
	s.click(s.where(scope, "field", label))
	ask[bool](s, "(document.activeElement.select?.(), true)")
	s.do("type", input.InsertText(text))
	if got := ask[string](s, "document.activeElement.value"); got != text {
		s.t.Fatalf("%s: typed %q into %q, there stands %q", s.name, text, label, got)
	}
}

// tick ticks a box or chooses an option; of a group it is written "question ⇒ option".
func (s *session) tick(scope, label string) {
	s.t.Helper()
	kind := "field"
	if strings.Contains(label, " ⇒ ") {
		kind = "choice"
	}
	s.check(func() spot { return s.where(scope, kind, label) }, label)
}

// check clicks on a box until it is ticked: right after a window changed its
// width, a click may come before the page has moved.
func (s *session) check(where func() spot, label string) {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		s.click(where())
		if ask[bool](s, "document.activeElement.checked === true") {
			return
		}
	}
	s.t.Fatalf("%s: %s: %q can't be ticked", s.name, s.path(), label)
}

// write types into the field with an id, over what stood there.
func (s *session) write(id, text string) {
	s.t.Helper()
	s.click(s.where("#"+id, "element", ""))
	ask[bool](s, "(document.getElementById(%s).focus(), document.activeElement.select?.(), true)", id)
	s.do("type", input.InsertText(text))
	if got := ask[string](s, "document.getElementById(%s).value", id); got != text {
		s.t.Fatalf("%s: typed %q into %s, there stands %q", s.name, text, id, got)
	}
}

// pick ticks a box or chooses an option of a form by name and value.
func (s *session) pick(form, name, value string) {
	s.t.Helper()
	box := fmt.Sprintf("%s input[name=%q][value=%q]", form, name, value)
	if !s.has(box) {
		s.t.Fatalf("%s: %s: no %s\n%s", s.name, s.path(), box, s.text(form))
	}
	s.check(func() spot { return s.where(box, "element", "") }, box)
}

// writeDate types a day into its three fields.
func (s *session) writeDate(id string, day time.Time) {
	s.t.Helper()
	s.write(id, day.Format("2"))
	s.write(id+"-month", day.Format("1"))
	s.write(id+"-year", day.Format("2006"))
}

// choose picks an option of a list that unfolds, by what stands in it.
func (s *session) choose(scope, label, option string) {
	s.t.Helper()
	s.click(s.where(scope, "field", label))
	ok := ask[bool](s, `(option => {
		const list = document.activeElement;
		const found = [...list.options].filter(o => o.text.trim() === option);
		if (found.length !== 1) return false;
		list.value = found[0].value;
		list.dispatchEvent(new Event('change', {bubbles: true}));
		return true;
	})(%s)`, option)
	if !ok {
		s.t.Fatalf("%s: no option %q of %q", s.name, option, label)
	}
	s.key(27, "Escape", "")
}

// key presses a key.
func (s *session) key(code int64, name, text string) {
	s.t.Helper()
	s.do("press "+name, chromedp.ActionFunc(func(ctx context.Context) error {
		down := input.DispatchKeyEvent(input.KeyDown).WithKey(name).WithCode(name).WithWindowsVirtualKeyCode(code).WithText(text)
		if name == " " {
			down = down.WithCode("Space")
		}
		if err := down.Do(ctx); err != nil {
			return err
		}
		return input.DispatchKeyEvent(input.KeyUp).WithKey(name).WithCode(name).WithWindowsVirtualKeyCode(code).Do(ctx)
	}))
}

// download follows a link that hands out a file, and gives the file.
func (s *session) download(scope, label string) []byte {
	s.t.Helper()
	s.click(s.where(scope, "button", label))
	end := time.Now().Add(patience)
	for time.Now().Before(end) {
		for _, name := range s.downloaded() {
			content, err := os.ReadFile(filepath.Join(s.dir, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue // another window's
			}
			if err != nil {
				s.t.Fatal(err)
			}
			return content
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("%s: no file after %s", s.name, patience)
	return nil
}

// downloaded are the files that are complete, of all windows.
func (s *session) downloaded() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.finished))
}

// until opens a page again until something holds on it.
func (s *session) until(what string, within time.Duration, holds func() bool) {
	s.t.Helper()
	end := time.Now().Add(within)
	for path := s.path(); !holds(); s.open(path) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: %s: not within %s\n%s", s.name, what, within, s.text("main"))
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// picture keeps what the window shows, where somebody asked for pictures.
func (s *session) picture(name string) {
	s.t.Helper()
	if *shots == "" {
		return
	}
	ask[bool](s, "(scrollTo(0, 0), true)")
	for _, v := range []struct {
		suffix string
		width  int64
		dark   bool
	}{{"1280", 1280, false}, {"320", 320, false}, {"dunkel", 1280, true}} {
		s.look(v.width, v.dark)
		var png []byte
		s.do("picture", chromedp.FullScreenshot(&png, 100))
		s.look(1280, false)
		if err := os.WriteFile(filepath.Join(*shots, name+"-"+v.suffix+".png"), png, 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
}
