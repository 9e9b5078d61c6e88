/** What becomes what, in the order in which converters are asked: what the help says, without the converters. */
export const CONVERSIONS = {
  definitionToYaml: { to: "yaml", description: "a definition as YAML" },
  definitionToJson: { to: "json", description: "a definition as JSON; comments of YAML are lost" },
  definitionToJsonata: { to: "jsonata", description: "a definition with JSONPath as one with JSONata" },
  flowToAsl: { to: "asl", description: "a flow of CloudFlow, of either language, as ASL" },
  templateToDefinitions: {
    to: "asl",
    description: "the definitions of a CloudFormation or SAM template, or of cdk.out",
  },
} as const;
