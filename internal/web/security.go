package web

import "github.com/gofiber/fiber/v2"

// policy lets a page load from this portal and nowhere else: no inline script
// or style, no frame, no plug-in, no form to elsewhere.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers stand on every answer. Cache-Control is the rule for all that is not
// an asset: a page with a case must not lie in a shared computer's cache.
var headers = [][2]string{
	{fiber.HeaderContentSecurityPolicy, policy},
	{fiber.HeaderXContentTypeOptions, "nosniff"},
	{fiber.HeaderReferrerPolicy, "no-referrer"},
	{fiber.HeaderXFrameOptions, "DENY"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{fiber.HeaderPermissionsPolicy, "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
	{fiber.HeaderCacheControl, "no-store"},
}

func setHeaders(c *fiber.Ctx, https bool) {
	for _, h := range headers {
		c.Set(h[0], h[1])
	}
	if https {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=63072000; includeSubDomains")
	}
}
