// Turns the pinned JSONata library into the synchronous evaluator of src/generated/jsonata-sync.ts.
//
// The library evaluates asynchronously although nothing in it waits, reads the clock and chance itself, and trusts its
// input. Every change below is mechanical: a whole class of text (`await`, `Promise.all`, …) or one exact piece of it, which
// must occur as often as is said here, or the build fails. So the same library gives the same file, byte for byte, and
// another version of it gives none.
//
//   node packages/core/scripts/build-jsonata.mjs           writes the file
//   node packages/core/scripts/build-jsonata.mjs --check   fails when the file is not what would be written

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const VERSION = "2.0.6";
const SHA256 = "8327cafae2779d31512939cc45eba2f1b3fff3c09cdf7906ed457c31f198302b";
const OUTPUT = fileURLToPath(new URL("../src/generated/jsonata-sync.ts", import.meta.url));

/** The text of the generated module. */
export function generate() {
  const require = createRequire(import.meta.url);
  const source = readFileSync(require.resolve("jsonata/jsonata.js"), "utf8");
  const { version } = JSON.parse(readFileSync(require.resolve("jsonata/package.json"), "utf8"));
  const licence = readFileSync(require.resolve("jsonata/LICENSE"), "utf8");
  const sha256 = createHash("sha256").update(source).digest("hex");
  if (version !== VERSION || sha256 !== SHA256) {
    throw new Error(`expected jsonata ${VERSION} (${SHA256}), found ${version} (${sha256})`);
  }
  const [datetime, functions, evaluator, parser, signature, utils] = modulesOf(source);
  const modules = [
    bounded(patched(UTILS, plain(utils))),
    bounded(patched(SIGNATURE, plain(signature))),
    "const parseSignature = signature;\n",
    bounded(patched(DATETIME, plain(datetime))),
    patched(PARSER, plain(parser)),
    bounded(patched(FUNCTIONS, plain(functions))),
    "const datetime = dateTime;\nconst fn = functions;\n",
    bounded(patched(EVALUATOR, plain(evaluator))),
  ];
  const text = `${header(licence)}\n${modules.join("\n")}\n${FOOTER}`;
  const left =
    /\b(async|await|Promise|eval|Function\(|global|window|process|require|Math\.random|new Date\(\)|Date\.now)\b/.exec(
      text.slice(text.indexOf("const utils")).replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, ""),
    );
  if (left !== null) throw new Error(`"${left[0]}" is left in the generated module`);
  return text;
}

/** The six modules of the browserify bundle, in its order. */
function modulesOf(source) {
  const parts = source.split(
    /\},\{[^{}]*\}\](?:,\d:\[function\(require,module,exports\)\{|\},\{\},\[3\]\)\(3\)\n\}\);)/,
  );
  parts[0] = parts[0].slice(parts[0].indexOf("{1:[function(require,module,exports){") + 37);
  if (parts.length !== 7) throw new Error(`expected 6 modules, found ${parts.length - 1}`);
  return parts.slice(0, 6);
}

/** A module without the ways of CommonJS, of promises and of forgeable marks. */
function plain(module) {
  return (
    module
      .replace(/^(?:const|var) \w+ = require\('[^']*'\);\n/gm, "")
      .replace(/^module\.exports = \w+;\n/gm, "")
      .replace(/^\(function \(global\)\{\(function \(\)\{\n/m, "")
      .replace(/^\}\)\.call\(this\)\}\)\.call\(this,typeof global .*\n/m, "")
      .replace(/\basync /g, "")
      .replace(/\bawait /g, "")
      .replace(/^ *if ?\(isPromise\(\w+\)\) \{\n.*\n *\}\n/gm, "")
      .replace(/^ *var isPromise = utils\.isPromise;\n/m, "")
      // A stack is captured for every error, and nobody reads it.
      .replace(/^ *stack: \(new Error\(\)\)\.stack,?\n/gm, "")
      .replace(/^ *err\.stack = \(new Error\(\)\)\.stack;\n/gm, "")
      .replace(/\.sequence\b/g, "[SEQUENCE]")
      .replace(/\.keepSingleton\b/g, "[KEEP_SINGLETON]")
      .replace(/\.tupleStream\b/g, "[TUPLE_STREAM]")
      .replace(/\.outerWrapper\b/g, "[OUTER_WRAPPER]")
      .replace(/\.cons\b/g, "[CONS]")
      .replace(/\._jsonata_function\b/g, "[NATIVE]")
      .replace(/\b_jsonata_function:/g, "[NATIVE]:")
      .replace(/\._jsonata_lambda\b/g, "[LAMBDA]")
      .replace(/\b_jsonata_lambda:/g, "[LAMBDA]:")
  );
}

/** Every loop and every named function ticks (invariant I1 of jsonata-meter.ts). */
function bounded(module) {
  return module
    .replace(/^( *(?:for|while) ?\(.*\) \{)$/gm, "$1 tick();")
    .replace(/^( {4}function \w+\(.*\) \{)$/gm, "$1 tick();");
}

/** Each patch: what it is for, the text, its replacement, how often it occurs (once). */
function patched(patches, module) {
  let text = module;
  for (const [reason, from, to, times = 1] of patches) {
    if (typeof from === "object") {
      text = spliced(text, reason, from, to);
      continue;
    }
    const found = text.split(from).length - 1;
    if (found !== times) throw new Error(`"${reason}": expected ${times} times, found ${found}: ${from}`);
    text = text.replaceAll(from, () => to);
  }
  return text;
}

function spliced(text, reason, { from, until }, replacement) {
  const start = text.indexOf(from);
  const end = text.indexOf(until, start + from.length);
  if (start === -1 || end === -1 || text.includes(from, start + 1))
    throw new Error(`"${reason}": not found once: ${from}`);
  return text.slice(0, start) + replacement + text.slice(end);
}

const UTILS = [
  [
    "recursion into data is bounded",
    "if(!isDeepEqual(lhs[ii], rhs[ii])) {",
    "if(!deeper(isDeepEqual, lhs[ii], rhs[ii])) {",
  ],
  [
    "recursion into data is bounded",
    "if(!isDeepEqual(lhs[key], rhs[key])) {",
    "if(!deeper(isDeepEqual, lhs[key], rhs[key])) {",
  ],
  [
    "walking an array is work",
    "result = (arg.filter(function(item){return ",
    "spend(arg.length >> 2); result = (arg.filter(function(item){return ",
    2,
  ],
  [
    "reading large texts is work",
    "        if (lhs === rhs) {\n            return true;",
    "        if (same(lhs, rhs)) {\n            return true;",
  ],
  [
    "comparing members is work",
    "            // both objects\n",
    "            // both objects\n            spend(30);\n",
  ],
  [
    "there are no promises",
    text(`
    /**
     * @param {Object} arg - expression to test
     * @returns {boolean} - true if it is a promise
     */
    function isPromise(arg) {
        return (
            typeof arg === 'object' &&
                arg !== null &&
                'then' in arg &&
                typeof arg.then === 'function'
        );
    }
`),
    "",
  ],
  ["there are no promises", "        stringToArray,\n        isPromise\n", "        stringToArray\n"],
];

const SIGNATURE = [
  ["signatures of lambdas are user input", "new RegExp(", "signatureRegex(", 2],
  [
    "signatures of lambdas are user input",
    "badSig.match(partialPattern)",
    "signatureRegex(partialPattern).exec(badSig)",
  ],
];

const DATETIME = [
  [
    "recursion into data is bounded",
    "+ decimalToRoman(value - numeral[0]);",
    "+ deeper(decimalToRoman, value - numeral[0]);",
  ],
  ["recursion into data is bounded", "lookup(mant, false, false)", "deeper(lookup, mant, false, false)"],
  [
    "an insertion at the front moves all",
    "            letters.unshift(",
    "            spend(letters.length);\n            letters.unshift(",
  ],
  ["padding is bounded", "(new Array(padLength + 1)).join('0')", "repeatText('0', padLength)"],
  ["words are no members of Object.prototype", "const wordValues = {};", "const wordValues = Object.create(null);"],
  ["names are no members of Object.prototype", "var lookup = {};", "var lookup = Object.create(null);"],
  ["pictures are user input", "new RegExp(fullRegex, 'i');", "compileRegex(fullRegex, 'i').matcher();"],
  [
    "pictures are user input",
    "        const format = {\n            type: 'integer',",
    "        readPicture(picture);\n        const format = {\n            type: 'integer',",
  ],
  [
    "pictures are user input",
    "        var spec = [];\n        const format = {\n            type: 'datetime',",
    "        readPicture(picture);\n        var spec = [];\n        const format = {\n            type: 'datetime',",
  ],
  [
    "pictures are user input",
    "        const matchSpec = generateRegex(formatSpec);\n        //const fullRegex",
    "        readPicture(picture, value);\n        const matchSpec = generateRegex(formatSpec);\n        //const fullRegex",
  ],
  [
    "the pattern is quadratic",
    "if (!iso8601regex.test(timestamp)) {",
    "if (timestamp.length > ISO_LENGTH_MAX || !iso8601regex.test(timestamp)) {",
  ],
  ["the zone of the host does not matter", "return Date.parse(timestamp);", "return isoMillis(timestamp);"],
];

const PARSER = [
  ["regular expressions are bounded", "return new RegExp(pattern, flags);", "return compileRegex(pattern, flags);"],
  [
    "nesting is bounded",
    "        var expression = function (rbp) {\n            var left;\n",
    "        var nesting = 0;\n        var expression = function (rbp) {\n            var left;\n            if (++nesting > NESTING_MAX) {\n                throw { message: 'Expression is nested too deeply' };\n            }\n",
  ],
  [
    "nesting is bounded",
    "            return left;\n        };\n\n        var terminal",
    "            nesting--;\n            return left;\n        };\n\n        var terminal",
  ],
  [
    "nesting is bounded",
    "        var processAST = function (expr) {\n            var result;\n",
    "        var processAST = function (expr) {\n            var result;\n            if (++nesting > NESTING_MAX) {\n                throw { message: 'Expression is nested too deeply' };\n            }\n",
  ],
  [
    "nesting is bounded",
    "            return result;\n        };\n\n        // now invoke the tokenizer",
    "            nesting--;\n            return result;\n        };\n\n        // now invoke the tokenizer",
  ],
];

const FUNCTIONS = [
  ["recursion into data is bounded", "var allkeys = keys(item);", "var allkeys = deeper(keys, item);"],
  ["recursion into data is bounded", "var res =  lookup(input[ii], key);", "var res = deeper(lookup, input[ii], key);"],
  ["recursion into data is bounded", "result = boolean(arg[0]);", "result = deeper(boolean, arg[0]);"],
  ["recursion into data is bounded", "return boolean(val);", "return deeper(boolean, val);"],
  [
    "the array grows in place",
    text(`
            arg.forEach(function (item) {
                result = append(result, spread(item));
            });
`),
    text(`
            var appended = false;
            arg.forEach(function (item) {
                var spreadItem = deeper(spread, item);
                if (typeof spreadItem !== 'undefined') {
                    extend(result, spreadItem);
                    appended = true;
                }
            });
            if (appended) {
                // append would have given a plain array
                result = result.slice();
            }
`),
  ],
  [
    "an array can be longer than a list of arguments",
    "Math.max.apply(Math, args)",
    "args.reduce((a, b) => Math.max(a, b))",
  ],
  [
    "an array can be longer than a list of arguments",
    "return Math.min.apply(Math, args);",
    "return args.reduce((a, b) => Math.min(a, b));",
  ],
  [
    "writing JSON is bounded",
    "            str = JSON.stringify(arg, function (key, val) {\n",
    "            const depths = new Map();\n            str = JSON.stringify(arg, function (key, val) {\n                written(val, this, depths);\n",
  ],
  [
    "padding is bounded",
    text(`
            var padding = (new Array(padLength + 1)).join(char);
            if (char.length > 1) {
                padding = substring(padding, 0, padLength);
            }
`),
    "            var padding = padText(char, padLength);\n",
  ],
  [
    "replacing is bounded",
    "                    result += replacement;\n",
    "                    result += replacement;\n                    claimText(result.length);\n",
  ],
  [
    "replacing is bounded",
    "                            result += replacedWith;\n",
    "                            result += replacedWith;\n                            claimText(result.length);\n",
  ],
  [
    "splitting is bounded",
    "                result = str.split(separator, limit);\n",
    "                result = str.split(separator, limit);\n                claimElements(0, result.length);\n",
  ],
  ["joining is bounded", "return strs.join(separator);", "return joinTexts(strs, separator);"],
  [
    "base64 as in browsers and on AWS: what is not Latin-1 is an error",
    text(`
        // Use btoa in a browser, or Buffer in Node.js

        var btoa = typeof window !== 'undefined' ?
            /* istanbul ignore next */ window.btoa :
            function (str) {
                // Simply doing \`new Buffer\` at this point causes Browserify to pull
                // in the entire Buffer browser library, which is large and unnecessary.
                // Using \`global.Buffer\` defeats this.
                return new global.Buffer.from(str, 'binary').toString('base64'); // eslint-disable-line new-cap
            };
        return btoa(str);
`),
    "        return globalThis.btoa(str);\n",
  ],
  [
    "base64 as in browsers and on AWS: what is not base64 is an error",
    text(`
        // Use btoa in a browser, or Buffer in Node.js
        var atob = typeof window !== 'undefined' ?
            /* istanbul ignore next */ window.atob :
            function (str) {
                // Simply doing \`new Buffer\` at this point causes Browserify to pull
                // in the entire Buffer browser library, which is large and unnecessary.
                // Using \`global.Buffer\` defeats this.
                return new global.Buffer.from(str, 'base64').toString('binary'); // eslint-disable-line new-cap
            };
        return atob(str);
`),
    "        return globalThis.atob(str);\n",
  ],
  [
    "pictures are user input",
    '        var defaults = {\n            "decimal-separator": ".",',
    '        readPicture(picture);\n        var defaults = {\n            "decimal-separator": ".",',
  ],
  [
    "a picture without any active character is D3086, as users saw on AWS, not an error of the engine",
    "                    }\n                }\n            })();\n",
    "                    }\n                }\n                return '';\n            })();\n",
    2,
  ],
  [
    "zero and negative numbers must not loop",
    "while (mantissa < minMantissa) {",
    "while (mantissa !== 0 && Math.abs(mantissa) < minMantissa) {",
  ],
  [
    "zero and negative numbers must not loop",
    "while (mantissa > maxMantissa) {",
    "while (Math.abs(mantissa) > maxMantissa) {",
  ],
  ["padding is bounded", "new Array(padLeft + 1).join(zero_digit)", "repeatText(zero_digit, padLeft)", 2],
  ["padding is bounded", "new Array(padRight + 1).join(zero_digit)", "repeatText(zero_digit, padRight)"],
  ["chance is a fact", "Math.random()", "chance()", 2],
  ["own members only", "            var merge = {};\n", "            var merge = Object.create(null);\n"],
  [
    "flattening is bounded",
    "                        res.forEach(val => result.push(val));\n",
    "                        extend(result, res);\n",
  ],
  ["own members only", "            result = input[key];\n", "            result = own(input, key);\n"],
  ["appending is bounded", "return arg1.concat(arg2);", "return joined(arg1, arg2);"],
  [
    "the inside of functions is not data",
    "typeof arg === 'object' && !isLambda(arg)) {\n            for (var key in arg) {",
    "typeof arg === 'object' && !isFunction(arg)) {\n            for (var key in arg) {",
  ],
  ["own members only", "                obj[key] = arg[key];\n", "                put(obj, key, arg[key]);\n"],
  [
    "own members only",
    "                result[prop] = obj[prop];\n",
    "                put(result, prop, obj[prop]);\n",
  ],
  ["own members only", "                result[item] = entry;\n", "                put(result, item, entry);\n"],
  [
    "a merge by recursion needs a frame for every element",
    text(`
            var merge_iter = function (result, left, right) {
                if (left.length === 0) {
                    Array.prototype.push.apply(result, right);
                } else if (right.length === 0) {
                    Array.prototype.push.apply(result, left);
                } else if (comp(left[0], right[0])) { // invoke the comparator function
                    // if it returns true - swap left and right
                    result.push(right[0]);
                    merge_iter(result, left, right.slice(1));
                } else {
                    // otherwise keep the same order
                    result.push(left[0]);
                    merge_iter(result, left.slice(1), right);
                }
            };
            var merged = [];
            merge_iter(merged, l, r);
            return merged;
`),
    text(`
            var merged = [];
            var left = 0;
            var right = 0;
            while (left < l.length && right < r.length) {
                // if the comparator returns true - swap left and right
                merged.push(comp(l[left], r[right]) ? r[right++] : l[left++]);
            }
            while (left < l.length) {
                merged.push(l[left++]);
            }
            while (right < r.length) {
                merged.push(r[right++]);
            }
            return merged;
`),
  ],
];

const EVALUATOR = [
  [
    "data is never changed: a pattern may find objects outside the copy",
    "                for(var ii = 0; ii < matches.length; ii++) {\n                    var match = matches[ii];\n",
    "                const copied = objectsIn(result);\n                for(var ii = 0; ii < matches.length; ii++) {\n                    var match = matches[ii];\n                    const isData = typeof match === 'object' && match !== null && !copied.has(match);\n",
  ],
  [
    "data is never changed: a pattern may find objects outside the copy",
    "                                if(typeof match === 'object' && match !== null) {\n",
    "                                if(typeof match === 'object' && match !== null && !isData) {\n",
  ],
  [
    "recursion into data is bounded",
    "                flatten(item, flattened);\n",
    "                deeper(flatten, item, flattened);\n",
  ],
  [
    "recursion into data is bounded",
    "recurseDescendants(member, results);",
    "deeper(recurseDescendants, member, results);",
  ],
  [
    "recursion into data is bounded",
    "recurseDescendants(input[key], results);",
    "deeper(recurseDescendants, input[key], results);",
  ],
  [
    "functions that only pass on a call nest without nodes of the expression",
    "        result = applyInner(proc, args, input, environment);\n",
    "        result = deeper(applyInner, proc, args, input, environment);\n",
  ],
  [
    "flattening is bounded",
    "            flattened.push(arg);\n",
    "            claimElements(flattened.length, 1);\n            flattened.push(arg);\n",
  ],
  [
    "walking down is work",
    "        // this is the equivalent of //* in XPath\n        if (!Array.isArray(input)) {\n",
    "        // this is the equivalent of //* in XPath\n        spend(8);\n        if (!Array.isArray(input)) {\n            claimElements(results.length, 1);\n",
  ],
  cut(
    "AWS has no $eval",
    "\n    /**\n     * parses and evaluates the supplied expression\n",
    "    /**\n     * Clones an object\n",
  ),
  cut("frames are ours", "    /**\n     * Create frame\n", "    // Function registration\n"),
  cut(
    "the face of the module is ours",
    "    /**\n     * JSONata\n     * @param {Object} expr - JSONata expression\n     * @param {Object} options\n",
    "\n})();",
    text(`
    function asContext(input) {
        // if the input is a JSON array, then wrap it in a singleton sequence so it gets treated as a single input
        if(Array.isArray(input) && !isSequence(input)) {
            input = createSequence(input);
            input[OUTER_WRAPPER] = true;
        }
        return input;
    }

    return { evaluate, populateMessage, defineFunction, staticFrame, isFunction, isSequence, createSequence, asContext };
`),
  ),
  ["frames are ours", "createFrame(null)", "new Frame()"],
  ["frames are ours", "createFrame(environment)", "new Frame(environment)", 2],
  ["frames are ours", "createFrame(proc.environment)", "new Frame(proc.environment)", 2],
  [
    "depth and time are bounded; nobody listens",
    text(`
        var entryCallback = environment.lookup(Symbol.for('jsonata.__evaluate_entry'));
        if(entryCallback) {
            entryCallback(expr, input, environment);
        }
`),
    "        enter();\n",
  ],
  [
    "depth and time are bounded; nobody listens",
    text(`
        var exitCallback = environment.lookup(Symbol.for('jsonata.__evaluate_exit'));
        if(exitCallback) {
            exitCallback(expr, input, environment, result);
        }
`),
    "        leave();\n",
  ],
  [
    "data is never changed: only the evaluator's own sequences are marked",
    "            resultSequence[KEEP_SINGLETON] = true;\n",
    "            if (resultSequence && isSequence(resultSequence)) {\n                resultSequence[KEEP_SINGLETON] = true;\n            }\n",
  ],
  [
    "flattening is bounded",
    "                    res.forEach(val => resultSequence.push(val));\n",
    "                    extend(resultSequence, res);\n",
  ],
  ["tuples have own members only", "var tuple = {'@': sorted[ss]};", "var tuple = {__proto__: null, '@': sorted[ss]};"],
  ["tuples have own members only", "return {'@': item}", "return {__proto__: null, '@': item}"],
  [
    "tuples have own members only",
    "                    tuple = {};\n",
    "                    tuple = Object.create(null);\n",
  ],
  [
    "items one after another; the array grows in place",
    text(`
                let generators = Promise.all(expr.expressions
                    .map((item, idx) => {
                        environment.isParallelCall = idx > 0
                        return [item, evaluate(item, input, environment)]
                    }));
                for (let generator of generators) {
                    var [item, value] = generator;
                    if (typeof value !== 'undefined') {
                        if(item.value === '[') {
                            result.push(value);
                        } else {
                            result = fn.append(result, value);
                        }
                    }
                }
`),
    text(`
                for (const item of expr.expressions) {
                    const value = evaluate(item, input, environment);
                    if (typeof value !== 'undefined') {
                        if(item.value === '[') {
                            result.push(value);
                        } else {
                            extend(result, value);
                        }
                    }
                }
`),
  ],
  ["marks are symbols", "Object.defineProperty(result, 'cons', {", "Object.defineProperty(result, CONS, {"],
  [
    "the inside of functions is not data; the array grows in place",
    text(`
        if (input !== null && typeof input === 'object') {
            Object.keys(input).forEach(function (key) {
                var value = input[key];
                if(Array.isArray(value)) {
                    value = flatten(value);
                    results = fn.append(results, value);
                } else {
                    results.push(value);
                }
            });
        }
`),
    text(`
        if (input !== null && typeof input === 'object' && !isFunction(input)) {
            var appended = false;
            Object.keys(input).forEach(function (key) {
                var value = input[key];
                if(Array.isArray(value)) {
                    extend(results, flatten(value));
                    appended = true;
                } else {
                    results.push(value);
                }
            });
            if (appended) {
                // fn.append would have given a plain array
                results = results.slice();
            }
        }
`),
  ],
  [
    "the inside of functions is not data",
    "        } else if (input !== null && typeof input === 'object') {\n            Object.keys(input).forEach(function (key) {\n                deeper(recurseDescendants,",
    "        } else if (input !== null && typeof input === 'object' && !isFunction(input)) {\n            Object.keys(input).forEach(function (key) {\n                deeper(recurseDescendants,",
  ],
  [
    "reading large texts is work",
    "        switch (op) {\n            case '<':",
    "        if (ltype === 'string') {\n            readText(lhs);\n            readText(rhs);\n        }\n        switch (op) {\n            case '<':",
  ],
  ["reading large texts is work", "if(rhs[i] === lhs) {", "if(same(rhs[i], lhs)) {"],
  ["concatenation is bounded", "result = lstr.concat(rstr);", "result = concatenated(lstr, rstr);"],
  [
    "groups have own members only",
    "        var groups = {};\n",
    "        var groups = Object.create(null);\n        var owned = new Set();\n",
  ],
  [
    "data is never changed: an empty array stays empty",
    "            input.push(undefined);\n",
    "            input = createSequence(undefined);\n",
  ],
  ["groups have own members only", "if (groups.hasOwnProperty(key)) {", "if (key in groups) {"],
  [
    "a group grows in place",
    "groups[key].data = fn.append(groups[key].data, item);",
    "groups[key].data = gather(owned, key, groups[key].data, item, fn.append);",
  ],
  [
    "values one after another; own members only",
    text(`
        let generators = Promise.all(Object.keys(groups).map((key, idx) => {
            let entry = groups[key];
            var context = entry.data;
            var env = environment;
            if (reduce) {
                var tuple = reduceTupleStream(entry.data);
                context = tuple['@'];
                delete tuple['@'];
                env = createFrameFromTuple(environment, tuple);
            }
            environment.isParallelCall = idx > 0
            return [key, evaluate(expr.lhs[entry.exprIndex][1], context, env)];
        }));

        for (let generator of generators) {
            var [key, value] = generator;
            if(typeof value !== 'undefined') {
                result[key] = value;
            }
        }
`),
    text(`
        for (const key of Object.keys(groups)) {
            let entry = groups[key];
            var context = entry.data;
            var env = environment;
            if (reduce) {
                var tuple = reduceTupleStream(entry.data);
                context = tuple['@'];
                delete tuple['@'];
                env = createFrameFromTuple(environment, tuple);
            }
            const value = evaluate(expr.lhs[entry.exprIndex][1], context, env);
            if(typeof value !== 'undefined') {
                put(result, key, value);
            }
        }
`),
  ],
  [
    "tuples have own members only",
    "        var result = {};\n        Object.assign(result, tupleStream[0]);\n",
    "        var result = Object.create(null);\n        var owned = new Set();\n        Object.assign(result, tupleStream[0]);\n",
  ],
  [
    "a group grows in place",
    "result[prop] = fn.append(result[prop], tupleStream[ii][prop]);",
    "result[prop] = gather(owned, prop, result[prop], tupleStream[ii][prop], fn.append);",
  ],
  [
    "a range is bounded",
    "        result = new Array(size);\n        for (var item = lhs",
    "        claimRange(size);\n        result = new Array(size);\n        for (var item = lhs",
  ],
  ["regular expressions are bounded", "new jsonata.RegexEngine(expr.value)", "expr.value.matcher()"],
  [
    "data is never changed: $clone can be overridden by a function that clones nothing",
    "            var result = apply(cloneFunction, [obj], null, environment);\n",
    "            var result = apply(cloneFunction, [obj], null, environment);\n            if (cloneFunction.implementation !== functionClone) {\n                result = functionClone(result);\n            }\n",
  ],
  [
    "prototypes cannot be reached",
    text(`
                    if (match && (match.isPrototypeOf(result) || match instanceof Object.constructor)) {
                        throw {
                            code: "D1010",
                            position: expr.position
                        };
                    }
`),
    "",
  ],
  [
    "the inside of functions is not data",
    "if(updateType !== 'object' || update === null || Array.isArray(update)) {",
    "if(updateType !== 'object' || update === null || Array.isArray(update) || isFunction(update)) {",
  ],
  [
    "own members only",
    "                            match[prop] = update[prop];\n",
    "                            if (!isData) {\n                                put(match, prop, update[prop]);\n                            }\n",
  ],
  [
    "data is never changed: only functions carry the name they were called by",
    text(`
            if(typeof proc === 'object') {
                proc.token = procName;
                proc.position = expr.position;
            }
`),
    text(`
            if(typeof proc === 'object' && isFunction(proc)) {
                named(proc, procName, expr.position);
            }
`),
  ],
  [
    "data is never changed: only functions carry the name they were called by",
    text(`
            if(result.body.procedure.type === 'variable') {
                next.token = result.body.procedure.value;
            }
            next.position = result.body.procedure.position;
`),
    text(`
            if(typeof next === 'object' && isFunction(next)) {
                named(next, result.body.procedure.type === 'variable' ? result.body.procedure.value : next.token, result.body.procedure.position);
            }
`),
  ],
  [
    "a built-in function is charged for what it reads and makes; it is never a generator",
    text(`
                result = proc.implementation.apply(focus, validatedArgs);
                // \`proc.implementation\` might be a generator function
                // and \`result\` might be a generator - if so, yield
                if (isIterable(result)) {
                    result = result.next().value;
                }
`),
    "                readArguments(validatedArgs);\n                result = received(proc.implementation.apply(focus, validatedArgs));\n",
  ],
  [
    "a built-in function is charged for what it reads and makes",
    "        var result = proc.apply(focus, args);\n",
    "        readArguments(args);\n        var result = received(proc.apply(focus, args));\n",
  ],
  ["there are no generators", "    var isIterable = utils.isIterable;\n", ""],
  [
    "time is a fact",
    "    staticFrame.bind('random', defineFunction(fn.random, '<:n>'));\n",
    "    staticFrame.bind('now', defineFunction(function(picture, timezone) {\n        return datetime.fromMillis(nowMillis(), picture, timezone);\n    }, '<s?s?:s>'));\n    staticFrame.bind('millis', defineFunction(function() {\n        return nowMillis();\n    }, '<:n>'));\n",
  ],
  ["AWS has no $eval", "    staticFrame.bind('eval', defineFunction(functionEval, '<sx?:x>'));\n", ""],
  [
    "errors quote what fits into a cause",
    "return JSON.stringify(err[arguments[1]]);",
    "return quoted(err[arguments[1]], isFunction);",
  ],
];

/** Replaces everything from one text up to another. */
function cut(reason, from, until, replacement = "") {
  return [reason, { from, until }, replacement];
}

/** A template literal without its first line break. */
function text(template) {
  return template.slice(1);
}

function header(licence) {
  return `// @ts-nocheck
// Generated by packages/core/scripts/build-jsonata.mjs from jsonata ${VERSION} (npm). Do not edit.
// https://github.com/jsonata-js/jsonata, licence:
//
${licence
  .trim()
  .split("\n")
  .map((line) => `// ${line}`.trimEnd())
  .join("\n")}

import {
  CONS,
  claimElements,
  claimRange,
  claimText,
  chance,
  compileRegex,
  concatenated,
  deeper,
  enter,
  extend,
  Frame,
  gather,
  ISO_LENGTH_MAX,
  isoMillis,
  joined,
  joinTexts,
  KEEP_SINGLETON,
  LAMBDA,
  leave,
  NATIVE,
  NESTING_MAX,
  named,
  nowMillis,
  objectsIn,
  OUTER_WRAPPER,
  own,
  padText,
  put,
  quoted,
  readArguments,
  readPicture,
  readText,
  received,
  repeatText,
  SEQUENCE,
  same,
  signatureRegex,
  spend,
  TUPLE_STREAM,
  tick,
  written,
} from "../data/jsonata-host.ts";
import type { JsonataLibrary } from "../data/jsonata-library.ts";
`;
}

const FOOTER = `
export const library: JsonataLibrary = { parse: parser, ...jsonata };
`;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const generated = generate();
  if (!process.argv.includes("--check")) writeFileSync(OUTPUT, generated);
  else if (readFileSync(OUTPUT, "utf8") !== generated) throw new Error(`${OUTPUT} is not what the library gives`);
}
