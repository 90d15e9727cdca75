import { createHash } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { openApiPage } from "./openApiPage.ts";
import { problemCodes } from "./problem.ts";
import { problemDocs } from "./problemDocs.ts";

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem;border-top:1px solid #ddd;padding-top:1rem}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f4f4f4}code{padding:0 .2em}pre{padding:.7em;overflow:auto}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;border-bottom:1px solid #eee;padding:.3em .8em .3em 0}
@media(prefers-color-scheme:dark){body{color:#e4e4e4;background:#16181c}code,pre{background:#23262c}td,th{border-color:#333}h2{border-color:#333}a{color:#8ab4f8}}`;
const styleHash = createHash("sha256").update(style).digest("base64");
/** Nothing is loaded from anywhere, and nothing runs. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'`;

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

/** Text with `code` in it. */
export const inline = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");

function page(title: string, body: string): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style><main>${body}</main></html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "cache-control": "public, max-age=300",
    },
  });
}

/** docs/ERRORS.md. */
export function errorsMarkdown(): string {
  const sections = problemCodes.map((code) => {
    const { meaning, remedy } = problemDocs[code];
    return `## ${code}\n\n${meaning}\n\n${remedy}\n`;
  });
  return `# Errors of the node's API

Every error is \`application/problem+json\` (RFC 9457): \`status\`, \`code\` to switch on, \`detail\` of this request, \`hint\`, and \`type\`, which leads to the section here, as the node itself serves it.

${sections.join("\n")}`;
}

function errorsPage(): string {
  const sections = problemCodes.map((code) => {
    const { meaning, remedy } = problemDocs[code];
    return `<h2 id="${code}">${code}</h2><p>${inline(meaning)}</p><p>${inline(remedy)}</p>`;
  });
  return `<h1>Errors</h1><p>Every error is <code>application/problem+json</code>; its <code>type</code> leads here. <a href="/docs">All routes</a></p>${sections.join("")}`;
}

/** What people read: all routes, and all errors. Made once, and served without a script or anything from elsewhere. */
export function addDocRoutes(app: OpenAPIHono, description: OpenApiDescription): void {
  let document: string | undefined;
  const openApi = () => {
    document ??= JSON.stringify(app.getOpenAPI31Document(description));
    return document;
  };
  app.get("/openapi.json", (context) =>
    context.body(openApi(), 200, { "content-type": "application/json", "cache-control": "public, max-age=300" }),
  );
  let routes: string | undefined;
  app.get("/docs", () => {
    routes ??= openApiPage(JSON.parse(openApi()));
    return page("Plimsoll node: the API", routes);
  });
  app.get("/docs/errors", () => page("Plimsoll node: errors", errorsPage()));
}

type OpenApiDescription = Parameters<OpenAPIHono["getOpenAPI31Document"]>[0];
