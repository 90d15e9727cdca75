import { z } from "zod";
import { escapeHtml, inline } from "./docs.ts";

// As much of OpenAPI 3.1 as this node's own document uses.

const schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
});
const operationSchema = z.object({
  summary: z.string(),
  description: z.string().optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().optional(),
        schema: z.looseObject({ type: z.string().optional(), description: z.string().optional() }),
      }),
    )
    .default([]),
  responses: z.record(
    z.string(),
    z.object({ description: z.string(), content: z.record(z.string(), z.object({ schema })).optional() }),
  ),
});
const documentSchema = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

/** All routes of an OpenAPI document, as the inside of a page. */
export function openApiPage(document: unknown): string {
  const { info, paths, components } = documentSchema.parse(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const index = operations.map(
    ({ path, method, operation }) =>
      `<tr><td><code>${method}</code></td><td><a href="#${anchor(path)}"><code>${escapeHtml(path)}</code></a></td><td>${inline(operation.summary)}</td></tr>`,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, shape]) =>
      `<h3 id="schema-${escapeHtml(name)}">${escapeHtml(name)}</h3><pre>${escapeHtml(JSON.stringify(shape, null, 2))}</pre>`,
  );
  return [
    `<h1>${escapeHtml(info.title)}</h1><p>Version ${escapeHtml(info.version)}. ${inline(info.description)}</p>`,
    `<p><a href="/openapi.json">OpenAPI 3.1</a>, <a href="/docs/errors">errors</a></p>`,
    `<table>${index.join("")}</table>`,
    ...operations.map(operationSection),
    `<h2 id="schemas">Schemas</h2>${schemas.join("")}`,
  ].join("");
}

type Operation = z.infer<typeof operationSchema>;

function operationSection({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const parameters = operation.parameters.map(
    ({ name, in: place, required, schema: shape }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(place)}, ${escapeHtml(shape.type ?? "string")}${required ? ", required" : ""}</td><td>${inline(shape.description ?? "")}</td></tr>`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, { description, content }]) =>
      `<tr><td><code>${escapeHtml(status)}</code></td><td>${inline(description)}</td><td>${Object.entries(content ?? {})
        .map(([type, body]) => `${escapeHtml(type)}: ${shapeOf(body.schema)}`)
        .join("<br>")}</td></tr>`,
  );
  return [
    `<h2 id="${anchor(path)}"><code>${method} ${escapeHtml(path)}</code></h2><p>${inline(operation.summary)}.</p>`,
    operation.description === undefined ? "" : `<p>${inline(operation.description)}</p>`,
    parameters.length === 0 ? "" : `<h3>Parameters</h3><table>${parameters.join("")}</table>`,
    `<h3>Answers</h3><table>${answers.join("")}</table>`,
  ].join("");
}

const anchor = (path: string): string => path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "");

function shapeOf(shape: z.infer<typeof schema>): string {
  const reference = /#\/components\/schemas\/(.+)/.exec(JSON.stringify(shape).replace(/"[}\]]+$/, ""))?.[1];
  const name = reference?.split('"')[0];
  if (name === undefined) return escapeHtml(String(shape.type ?? ""));
  const list = shape.type === "array" ? "list of " : "";
  return `${list}<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
}
