import { parse, TomlError } from "smol-toml";
import { type Document, isNode, LineCounter, parseDocument, visit } from "yaml";
import { lineOfKey } from "./configLine.ts";

/** A configuration file's text, read: what it says, and where. */
export interface ConfigText {
  readonly table: Record<string, unknown>;
  /** The line (from 1) where a key is set, or else of the innermost table around it; null when nothing of it is there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
}

/** The text is not in the language that the file's name says. */
export interface ConfigSyntaxProblem {
  readonly problem: string;
  readonly hint: string;
  readonly cause: unknown;
}

/**
 * Reads TOML, or YAML where the file's name ends in .yaml or .yml.
 *
 * @example
 * const read = readConfigText("operator.yaml", text);
 */
export function readConfigText(path: string, text: string): ConfigText | ConfigSyntaxProblem {
  return /\.ya?ml$/i.test(path) ? readYaml(text) : readToml(text);
}

function readToml(text: string): ConfigText | ConfigSyntaxProblem {
  try {
    return { table: parse(text), lineOf: (path) => lineOfKey(text, path) };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // What follows in the message is the text itself.
    const [what = ""] = cause.message.replace(/^Invalid TOML document: /, "").split("\n");
    const problem = `line ${cause.line}, column ${cause.column}: not valid TOML: ${what}`;
    return { problem, hint: "Correct that line: strings are quoted, tables are [name].", cause };
  }
}

/** Where the first alias stands. */
function findAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias(_, { range }) {
      found = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function readYaml(text: string): ConfigText | ConfigSyntaxProblem {
  const lines = new LineCounter();
  // Of YAML's types those of JSON.
  const document = parseDocument(text, { lineCounter: lines, schema: "core", prettyErrors: false });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const hint = "Correct that line: keys end with a colon, and what belongs together is indented alike.";
    // Its message may hold parts of the text.
    const what = error.code.toLowerCase().replaceAll("_", " ");
    return { problem: `line ${line}, column ${col}: not valid YAML: ${what}`, hint, cause: error };
  }
  // An alias many times over would grow into more than the file is, and where a key came from could not be told.
  const alias = findAlias(document);
  if (alias !== undefined) {
    const problem = `line ${lines.linePos(alias).line}: an alias`;
    return { problem, hint: "Write the value itself: aliases are not taken.", cause: undefined };
  }
  const table: unknown = document.toJS();
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    return { problem: "line 1: not a table", hint: "Write keys and values: domainSalt: …", cause: undefined };
  }
  return {
    table: table as Record<string, unknown>,
    lineOf(path) {
      for (let depth = path.length; depth > 0; depth--) {
        const node: unknown = document.getIn(path.slice(0, depth), true);
        const start = isNode(node) ? node.range?.[0] : undefined;
        if (start !== undefined) return lines.linePos(start).line;
      }
      return null;
    },
  };
}
