package pdf

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// standards asks for PDF/UA-1 and PDF/A-3b in one file.
const standards = `pdf:writer_pdf_Export:{"PDFUACompliance":{"type":"boolean","value":"true"},"SelectPdfVersion":{"type":"long","value":"3"}}`

// together runs a program so that it ends with us, also when we are killed:
// soffice is a script that starts a program that starts the program, and only the
// whole group ends it. TERM comes when this process dies (see dieWithParent).
const together = `trap 'kill -9 0' TERM; "$0" "$@" & wait $!`

// convert runs LibreOffice once: source becomes a PDF of the same name in job.
// What LibreOffice prints is thrown away, so that no log ever gets to hold it.
func (r *Renderer) convert(ctx context.Context, profile, job, source, filter string) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", together, r.binary,
		"-env:UserInstallation="+(&url.URL{Scheme: "file", Path: profile}).String(),
		"--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault",
		"--convert-to", filter, "--outdir", job, source)
	cmd.Dir = job
	cmd.Env = []string{
		"HOME=" + job, "TMPDIR=" + job, "XDG_CACHE_HOME=" + os.Getenv("XDG_CACHE_HOME"),
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "SAL_USE_VCLPLUGIN=svp",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second

	// The parent's death is that of the thread that forked: it must not end
	// before the child does.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("LibreOffice: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("LibreOffice: %w", err)
	}
	return nil
}
