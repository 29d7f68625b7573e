// Runs scripts of an Apigee proxy bundle beside stand-ins for what Apigee gives them: a line of JSON with file, variables
// and properties on standard input gives one of the variables that are set after.
import { createContext, runInContext } from "node:vm";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const { file, variables, properties } = JSON.parse(line);
  const context = {
    getVariable: (name) => variables[name] ?? null,
    setVariable: (name, value) => void (variables[name] = value),
  };
  runInContext(readFileSync(file, "utf8"), createContext({ context, properties, print: () => {} }));
  console.log(JSON.stringify(variables));
}
