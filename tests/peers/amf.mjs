// Reads RAML 1.0, and OpenAPI 3.0 where a file is JSON, with MuleSoft's own parser: for each file of the arguments a line of
// JSON with its name, whether it conforms, what is wrong, and its paths and scopes.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, ...files] = process.argv.slice(2);
const amf = createRequire(pathToFileURL(packages + "/"))("amf-client-js");
for (const file of files) {
  const language = file.endsWith(".json") ? amf.OASConfiguration.OAS30() : amf.RAMLConfiguration.RAML10();
  const client = language.baseUnitClient();
  const parsed = await client.parse(pathToFileURL(file).href);
  const validated = await client.validate(parsed.baseUnit);
  const results = [...parsed.results, ...validated.results].map((one) => one.message);
  const paths = parsed.baseUnit.encodes?.endPoints?.map((one) => one.path.value()) ?? [];
  const schemes = parsed.baseUnit.declares ?? [];
  const scopes = schemes.flatMap((scheme) => scheme.settings?.flows?.flatMap((flow) => flow.scopes.map((one) => one.name.value())) ?? []);
  console.log(JSON.stringify({ file, conforms: parsed.conforms && validated.conforms, results, paths, scopes }));
}
