import { describe, expect, it } from "vitest";
import { compileJsonata, type JsonataSyntaxError } from "./jsonata.ts";

function variables(text: string): readonly string[] {
  return compileJsonata(text).variables;
}

function contextReferences(text: string): string[] {
  try {
    compileJsonata(text);
    return [];
  } catch (error) {
    return (error as JsonataSyntaxError).problems.map(({ message }) => /'(.*)'/.exec(message)![1]!);
  }
}

describe("variables", () => {
  it.each([
    ["$a + $b.c[$d].e", ["a", "b", "d"]],
    ["$sum($states.input.input_values) + $var_constant_1", ["var_constant_1"]],
    ["$b & $a & $b", ["b", "a"]],
    ["$uuid() & $now() & $partition([1], 1)", []],
    ["$provider = 'x' ? $one : $two", ["provider", "one", "two"]],
    ["{'k': $v, $k: 1}", ["v", "k"]],
    ["[$a..$b]", ["a", "b"]],
    ["-$a", ["a"]],
    ["$f(?, $a)", ["f", "a"]],
    ["$list ~> $map(function($i){ $i * $rate })", ["list", "rate"]],
  ])("%s", (text, names) => {
    expect(variables(text)).toEqual(names);
  });

  it("are not what := binds, from there on", () => {
    expect(variables("($x := $y; $x + $z)")).toEqual(["y", "z"]);
    expect(variables("($y := $x; $x := 1; $x)")).toEqual(["x"]);
    expect(variables("(($x := 1; $x); $x)")).toEqual(["x"]);
    expect(variables("$maxItems := 2")).toEqual([]);
    expect(variables("($a := $b := $c; $a + $b)")).toEqual(["c"]);
  });

  it("are not parameters, nor names bound around a function before it is called", () => {
    expect(variables("($f := function($n){ $n = 0 ? 0 : $f($n - 1) + $step }; $f(3))")).toEqual(["step"]);
    expect(variables("($g := function(){ $later }; $later := 1; $g())")).toEqual([]);
    expect(variables("function($x){ $x + $y }(1) + $x")).toEqual(["y", "x"]);
    expect(variables("($f := function(){( $inner := 1; $inner )}; $inner)")).toEqual(["inner"]);
  });

  it("are not what @ and # bind, from that step on", () => {
    expect(variables("$books#$i.title[$i > $least]")).toEqual(["books", "least"]);
    expect(variables("$loans@$l.$books@$b[$l.isbn = $b.isbn].{'t': $b.title, 'c': $l.customer, 'x': $other}")).toEqual([
      "loans",
      "books",
      "other",
    ]);
    expect(variables("$items#$i{$string($i): sku} & $i")).toEqual(["items", "i"]);
    expect(variables("$items[$i > 0]#$i")).toEqual(["items", "i"]);
  });

  it("are found in order-by, transform, predicates and groups", () => {
    expect(variables("$list^(>$weight * price, <name)")).toEqual(["list", "weight"]);
    expect(variables("$states.input ~> |orders[id = $id]|{'total': $t}, $names|")).toEqual(["id", "t", "names"]);
    expect(variables("$list[price > $least]{category: $sum(price) * $rate}")).toEqual(["list", "least", "rate"]);
  });
});

describe("members of $states", () => {
  it.each([
    ["$states.input.a & $states.context.Execution.Id", ["input", "context"]],
    ["$states.result[$ = 1]", ["result"]],
    ["$states.errorOutput.Error", ["errorOutput"]],
    ["$states.`input`", ["input"]],
    ["$states", []],
    ["($states := {'input': 1}; $states.input)", []],
    ["$map([1], function($i){ $states.result.x })", ["result"]],
  ])("%s", (text, members) => {
    expect([...compileJsonata(text).statesMembers]).toEqual(members);
  });
});

describe("references to the context", () => {
  it.each([
    ["phone", ["phone"]],
    ["phone.number", ["phone"]],
    ["`phone`", ["phone"]],
    ["'phone'.number", ["phone"]],
    ["phone[0]", ["phone"]],
    ["$uppercase(name)", ["name"]],
    ["{'a': b, c: 1}", ["b", "c"]],
    ["[a, b]", ["a", "b"]],
    ["a = b ? c : d", ["a", "b", "c", "d"]],
    ["($x := a; $x)", ["a"]],
    ["function($x){ y }(1)", ["y"]],
    ["a ~> $f", ["a"]],
    ["uppercase('a')", ["uppercase"]],
    ["states.input", ["states"]],
    ["$", ["$"]],
    ["$.a", ["$"]],
    ["$states.input[$$.a = 1]", ["$$"]],
    ["(a; b).c", ["a", "b"]],
  ])("%s", (text, names) => {
    expect(contextReferences(text)).toEqual(names);
  });

  it.each([
    "$states.input.a.b[c = 1].(d & e)",
    "$x[name = 'a']{kind: $sum(price)}",
    "$x^(price, name)",
    "$x.{'a': b, 'c': $uppercase(d)}",
    "$x.$uppercase($)",
    "$states.input.items[$ > 1]",
    "$x ~> |a|{'b': c}, ['d']|",
    "$x.function($y){ z }",
    "'text'",
    "true and null = false",
    "$map($x, function($v){ $v.name })",
  ])("%s has none", (text) => {
    expect(contextReferences(text)).toEqual([]);
  });
});
