import { describe, expect, it } from "vitest";
import { parseTemplate } from "./template-document.ts";

describe("a template's text", () => {
  it("is JSON or YAML, with places", () => {
    const document = parseTemplate(
      "t.yaml",
      "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: { A: !Ref B }\n",
    );
    expect(document.value).toEqual({ Resources: { Q: { Type: "AWS::SQS::Queue", Properties: { A: { Ref: "B" } } } } });
    expect(document.placeOf("/Resources/Q/Type")).toBe("t.yaml:3:5");
    expect(document.placeOf("/Resources/Q/Properties/A/Ref")).toBe("t.yaml:4:19");
    expect(parseTemplate("t.json", '{"a": [1, true, null]}').value).toEqual({ a: [1, true, null] });
  });

  it("has short forms of any depth", () => {
    const { value } = parseTemplate("t.yaml", `!Join ['', [!Sub 'a\${B}', !If [C, !GetAtt D.E.F, !Ref G]]]`);
    expect(value).toEqual({
      "Fn::Join": ["", [{ "Fn::Sub": `a\${B}` }, { "Fn::If": ["C", { "Fn::GetAtt": ["D", "E.F"] }, { Ref: "G" }] }]],
    });
  });

  it.each([
    ["a: [1", /^t.yaml:1:6: /],
    ["a: !GetAtt Nothing", /t.yaml:1:12: !GetAtt must name a resource and an attribute/],
    [`a: ${"[".repeat(5_000)}`, /nested|t.yaml/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
        .split("")
        .map((key, index) => `${key}: &${key} [${Array(10).fill(`*${"abcdefgh"[index]}`).join(",")}]`)
        .join("\n")}`,
      /more than 500000 values/,
    ],
  ])("that is wrong or absurd is refused: %#", (text, message) => {
    expect(() => parseTemplate("t.yaml", text)).toThrow(message);
  });
});
