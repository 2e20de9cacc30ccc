// Rewrites parts of a contract that the generator does not support: the style of path parameters
// becomes a path template, and a parameter with `content` becomes a string that the caller
// serializes.
const pathPrefixes = { simple: "", label: ".", matrix: ";" };

export function adapt(contract) {
  for (const [path, item] of Object.entries(contract.paths)) {
    let written = path;
    const operations = Object.values(item).filter((operation) => operation?.responses);
    for (const parameter of [item, ...operations].flatMap(({ parameters = [] }) => parameters)) {
      const { name, in: place, style = "simple", explode, content } = resolve(contract, parameter);
      if (place === "path") written = written.replace(`{${name}}`, `{${pathPrefixes[style]}${name}${explode ? "*" : ""}}`);
      if (content) asText(resolve(contract, parameter));
    }
    if (written === path) continue;
    delete contract.paths[path];
    contract.paths[written] = item;
  }
}

function asText(parameter) {
  const [[mediaType]] = Object.entries(parameter.content);
  delete parameter.content;
  parameter.schema = { type: "string" };
  parameter.description = `${parameter.description ?? ""} Written as ${mediaType}.`.trim();
}

function resolve(contract, node) {
  if (!node.$ref) return node;
  return resolve(contract, node.$ref.slice(2).split("/").reduce((parent, step) => parent[step], contract));
}
