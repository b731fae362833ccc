// Reads [{schema, texts}] and answers, for each, the texts that are no valid values. For tests/Flotilla.Engine.Tests.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

const ajv = new Ajv({ strict: false, allErrors: false });
formats(ajv);
const cases = JSON.parse(readFileSync(0, "utf8"));
const wrong = cases.map(({ schema, texts }) => {
  const validate = ajv.compile(schema);
  return texts.filter((text) => {
    try {
      return !validate(JSON.parse(text));
    } catch {
      return true;
    }
  });
});
process.stdout.write(JSON.stringify(wrong));
