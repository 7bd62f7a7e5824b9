/* Two calculators, each in the place of a sentence with its formula: what fits in a column, and how many connections
   pools may open. tests/browser/test_calculators.py compares their answers with those of real servers. */
"use strict";
(() => {
  const ROW = 65535;
  const KEY = 3072;
  const WIDTHS = { utf8mb4: 4, utf8mb3: 3, latin1: 1, ascii: 1 };

  /* A type has `numbers` to ask for ([label, default, least, most]), may have `unsigned` and `charset`, and `facts`: from
     the numbers `a` and `b` and the choices it makes `row` (bytes there, without the bit for NULL), `told` ([label, text])
     and `refused` ([who, error number, why]). `width` is the bytes of the widest character. */
  const both = (number, why) => [["MariaDB", number, why], ["MySQL", number, why]];
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const ends = (lowest, highest) => [["Lowest", lowest], ["Highest", highest]];
  const fixed = (bytes, told, how = "") => ({ row: bytes, told: [...told, ["Stored", count(bytes, "byte") + how]] });

  const integer = (bytes) => ({
    unsigned: true,
    facts({ unsigned }) {
      const values = 2n ** BigInt(8 * bytes);
      return fixed(bytes, unsigned ? ends(0n, values - 1n) : ends(-values / 2n, values / 2n - 1n));
    },
  });

  function fractional(bytes, highest, unsigned, how) {
    const { row, told } = fixed(bytes, ends(unsigned ? "0" : `-${highest}`, highest), how);
    const warning = ["Warning", "MySQL, 1681: this type will lose UNSIGNED. Take CHECK (v >= 0)."];
    return { row, told: unsigned ? [...told, warning] : told };
  }
  const floating = (bytes, highest) => ({ unsigned: true, facts: ({ unsigned }) => fractional(bytes, highest, unsigned) });

  /* Nine digits take four bytes; of those left over, one or two take one. */
  function packed(digits) {
    const nines = Math.floor(digits / 9);
    const left = digits % 9;
    const parts = [nines && `${9 * nines} digits in ${4 * nines}`, left && `${count(left, "digit")} in ${Math.ceil(left / 2)}`];
    return { bytes: 4 * nines + Math.ceil(left / 2), how: parts.filter(Boolean).join(" and ") || "no digits" };
  }
  const decimal = {
    numbers: [["Digits in all", 12, 1, 999], ["Behind the point", 2, 0, 999]],
    unsigned: true,
    facts({ a, b, unsigned }) {
      const nines = "9".repeat(a);
      const highest = b && b <= a ? `${nines.slice(b) || "0"}.${nines.slice(-b)}` : nines;
      const [before, behind] = [packed(Math.max(a - b, 0)), packed(b)];
      const how = `: before the point ${before.how}, behind it ${behind.how}`;
      const other = a > 65 ? [1426, "at most 65 digits"] : b > a ? [1427, `at most ${count(a, "digit")} behind the point`] : null;
      const refusal = (who, most) => (b > most ? [who, 1425, `at most ${most} digits behind the point`] : other && [who, ...other]);
      const refused = [refusal("MariaDB", 38), refusal("MySQL", 30)].filter(Boolean);
      return { ...fractional(before.bytes + behind.bytes, highest, unsigned, how), refused };
    },
  };

  const bits = {
    numbers: [["Bits", 8, 1, 999]],
    facts: ({ a }) => ({
      ...fixed(Math.ceil(a / 8), [["Highest", 2n ** BigInt(a) - 1n]]),
      refused: a > 64 ? both(1439, "at most 64 bits") : [],
    }),
  };

  /* So many bytes in characters, or in bytes where the type has no charset. */
  const fit = (bytes, { charset, width }) => count(Math.floor(bytes / width), charset ? "character" : "byte");

  function key(most, values) {
    if (!most) return ["In a key", "not at all, error 1167"];
    if (most <= KEY) return ["In a key", `whole, ${most} of ${KEY} bytes`];
    return ["In a key", `not whole, error 1071; at most the first ${fit(KEY, values)}`];
  }

  const lengths = (charset, usual) => ({ numbers: [[charset ? "Characters" : "Bytes", usual, 0, 9999999]], charset });
  const padded = (charset, usual) => ({
    ...lengths(charset, usual),
    facts(values) {
      const most = values.a * values.width;
      const told = [["Longest", fit(most, values)], ["Stored", `${charset ? "up to " : ""}${count(most, "byte")}`], key(most, values)];
      return { row: most, told, refused: values.a > 255 ? both(1074, `at most ${fit(255 * values.width, values)}`) : [] };
    },
  });
  const varying = (charset, usual) => ({
    ...lengths(charset, usual),
    facts(values) {
      const most = values.a * values.width;
      const prefix = most > 255 ? 2 : 1;
      const room = ROW - 2 - (values.notNull ? 0 : 1);
      const refusal = (who, number, bytes) => [who, number, `at most ${fit(bytes, values)}; for more there is ${charset ? "TEXT" : "BLOB"}`];
      const refused = [];
      if (most > 65532) refused.push(refusal("MariaDB", 1074, 65532));
      if (most > room) refused.push(refusal("MySQL", values.a > Math.floor(ROW / values.width) ? 1074 : 1118, room));
      const stored = `up to ${count(most + prefix, "byte")}: ${most} and ${prefix} for the length`;
      return { row: most + prefix, told: [["Longest", fit(most, values)], ["Stored", stored], key(most, values)], refused };
    },
  });
  const long = (charset, prefix) => ({
    numbers: [],
    charset,
    facts(values) {
      const most = 256 ** prefix - 1;
      const wide = values.width > 1 ? ` of ${values.width} bytes, ${most} of one` : "";
      const part = `only in part, error 1170; at most the first ${fit(Math.min(most, KEY), values)}`;
      const stored = `up to ${most + prefix} bytes: ${most} and ${prefix} for the length`;
      return { row: 8 + prefix, told: [["Longest", fit(most, values) + wide], ["Stored", stored], ["In a key", part]] };
    },
  });

  /* Times: the ends as MariaDB and MySQL have them, where they differ; `fraction` is of a second, both at full length. */
  const second = (text, fraction, a) => (a ? `${text}.${fraction.slice(0, a)}` : text);
  const split = (ours, theirs) => (ours === theirs ? ours : `MariaDB ${ours}, MySQL ${theirs}`);
  const timed = (bytes, range) => ({
    numbers: [["Digits of a second", 0, 0, 999]],
    facts({ a }) {
      const more = Math.ceil(a / 2);
      const how = more ? `: ${bytes} and ${more} for ${count(a, "digit")} of a second` : "";
      return { ...fixed(bytes + more, ends(...range(a)), how), refused: a > 6 ? both(1426, "at most 6 digits of a second") : [] };
    },
  });
  const day = { facts: () => fixed(3, ends("1000-01-01", "9999-12-31")) };
  const year = { facts: () => fixed(1, ends("1901, and 0000", "2155")) };
  const time = timed(3, (a) => {
    const end = split(second("838:59:59", "999999", a), second("838:59:59", "000000", a));
    return [end.replaceAll("838", "-838"), end];
  });
  const datetime = timed(5, (a) => [second("1000-01-01 00:00:00", "000000", a), second("9999-12-31 23:59:59", "999999", a)]);
  const timestamp = timed(4, (a) => {
    const theirs = second("1970-01-01 00:00:01", "000000", a);
    const ours = a ? `1970-01-01 00:00:00.${"1".padStart(a, "0")}` : theirs;
    return [`${split(ours, theirs)} UTC`, `${second("2038-01-19 03:14:07", "999999", a)} UTC`];
  });

  const words = (most, bytes, refused) => ({ numbers: [["Words", 3, 1, most]], facts: ({ a }) => ({ ...fixed(bytes(a), []), refused: refused(a) }) });
  const enumeration = words(1000, (a) => (a > 255 ? 2 : 1), () => []);
  const set = words(999, (a) => (a > 32 ? 8 : Math.ceil(a / 8)), (a) => (a > 64 ? both(1097, "at most 64 words") : []));

  const TYPES = {
    TINYINT: integer(1), SMALLINT: integer(2), MEDIUMINT: integer(3), INT: integer(4), BIGINT: integer(8),
    DECIMAL: decimal, FLOAT: floating(4, "3.402823466E+38"), DOUBLE: floating(8, "1.7976931348623157E+308"), BIT: bits,
    CHAR: padded(true, 36), VARCHAR: varying(true, 255),
    TINYTEXT: long(true, 1), TEXT: long(true, 2), MEDIUMTEXT: long(true, 3), LONGTEXT: long(true, 4),
    BINARY: padded(false, 16), VARBINARY: varying(false, 255),
    TINYBLOB: long(false, 1), BLOB: long(false, 2), MEDIUMBLOB: long(false, 3), LONGBLOB: long(false, 4),
    DATE: day, TIME: time, DATETIME: datetime, TIMESTAMP: timestamp, YEAR: year,
    ENUM: enumeration, SET: set,
  };

  /* The column as one would declare it. */
  function declared({ type, a, b, unsigned, charset, notNull }) {
    const size = [a, b].filter((number) => number !== undefined).join(", ");
    const worded = TYPES[type] === enumeration || TYPES[type] === set;
    const parts = [type + (worded ? `(${count(a, "word")})` : size && `(${size})`), unsigned && "UNSIGNED"];
    return [...parts, charset && `CHARACTER SET ${charset}`, notNull && "NOT NULL"].filter(Boolean).join(" ");
  }

  function verdict(refused) {
    if (!refused.length) return "MariaDB and MySQL both make this column.";
    const [[, number, why], second] = refused;
    if (second && second[1] === number && second[2] === why) return `Both refuse it, error ${number}: ${why}.`;
    return refused.map(([who, code, reason]) => `${who} refuses it, error ${code}: ${reason}.`).join(" ");
  }

  function column(values) {
    const { row, told, refused = [] } = TYPES[values.type].facts({ ...values, width: WIDTHS[values.charset] || 1 });
    const facts = [["Column", make("code", { textContent: declared(values) })]];
    if (refused.length < 2) {
      const used = row + (values.notNull ? 0 : 1);
      const bit = values.notNull ? "" : ", one of them for NULL, which eight columns share";
      if (values.charset === "utf8mb3") told.push(["Warning", "MySQL, 1287: utf8mb3 will go. Take utf8mb4."]);
      facts.push(...told, ["In a row", `${used} of ${ROW} bytes${bit}; ${ROW - used} are left`]);
    }
    return { answer: verdict(refused), good: !refused.length, facts };
  }

  function pools({ hosts, processes, size, overflow, limit, kept }) {
    const each = hosts * processes;
    const room = Math.max(0, limit - kept);
    const largest = Math.floor(room / each);
    const unlimited = size === 0 || overflow < 0;
    const most = each * (size + overflow);
    const over = most - room;
    const facts = [
      ["Processes", `${hosts} × ${processes} = ${each}`],
      ["At most open", unlimited ? "as many as are asked for" : `${each} × (${size} + ${overflow}) = ${most}`],
      ["Room", `${limit} - ${kept} = ${room}`],
      ["Largest that fits", largest ? `pool_size + max_overflow = ${largest}` : "none, there is not one for each process"],
    ];
    if (unlimited) return { answer: "No limit: such a pool does not fit anywhere.", good: false, facts };
    return { answer: over > 0 ? `Too many by ${over}.` : `Fits, with ${over ? -over : "none"} to spare.`, good: over <= 0, facts };
  }

  /* The form. A field is its paragraph and `read`, which returns the value or throws a RangeError that says what is wrong. */
  function make(tag, properties, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  function labelled(label, control) {
    control.id = `calculator-${label.toLowerCase().replace(/\W+/g, "-")}`;
    control.setAttribute("aria-describedby", "calculator-answer");
    return make("p", {}, make("label", { htmlFor: control.id, textContent: label }), control);
  }

  function numeric(label, value, least, most) {
    const input = make("input", { value, inputMode: "numeric", autocomplete: "off" });
    const read = () => {
      const good = /^-?\d{1,7}$/.test(input.value.trim()) && Number(input.value) >= least && Number(input.value) <= most;
      input.setAttribute("aria-invalid", String(!good));
      if (!good) throw new RangeError(`${label}: write a whole number from ${least} to ${most}.`);
      return Number(input.value);
    };
    return { node: labelled(label, input), read };
  }

  function choice(label, options) {
    const select = make("select", {}, ...options.map((option) => make("option", { textContent: option })));
    return { node: labelled(label, select), read: () => select.value, select };
  }

  function check(label, checked) {
    const input = make("input", { type: "checkbox", checked });
    const node = labelled(label, input);
    node.prepend(input);
    return { node, read: () => input.checked };
  }

  /* What a type is asked for. */
  function asked({ numbers = [], unsigned, charset }) {
    const fields = Object.fromEntries(numbers.map((number, place) => ["ab"[place], numeric(...number)]));
    if (charset) fields.charset = choice("Charset", Object.keys(WIDTHS));
    if (unsigned) fields.unsigned = check("UNSIGNED", false);
    return { ...fields, notNull: check("NOT NULL", true) };
  }

  function readAll(fields) {
    const values = {};
    const wrong = [];
    for (const [name, field] of Object.entries(fields)) {
      try {
        values[name] = field.read();
      } catch (error) {
        wrong.push(error.message);
      }
    }
    return { values, wrong };
  }

  /* Put a form in the place of the sentence: `first` is a choice that the other fields hang on, or nothing. */
  function calculator(sentence, first, fieldsFor, compute) {
    const box = make("div", { className: "fields" });
    const answer = make("p", { id: "calculator-answer" });
    answer.setAttribute("role", "status");
    const list = make("dl", {});
    const form = make("form", { className: "calculator", id: sentence.id }, box, answer, list);
    let fields = {};

    function tell() {
      const { values, wrong } = readAll(fields);
      const told = wrong.length ? { answer: wrong.join(" "), good: false, facts: [] } : compute(values);
      answer.textContent = told.answer;
      answer.className = told.good ? "good" : "bad";
      list.replaceChildren(...told.facts.flatMap(([label, text]) => [make("dt", {}, label), make("dd", {}, text)]));
    }

    function ask() {
      fields = { ...(first && { type: first }), ...fieldsFor(first && first.read()) };
      for (const { node } of Object.values(fields)) box.append(node);
      for (const node of [...box.children]) if (!Object.values(fields).some((field) => field.node === node)) node.remove();
      tell();
    }

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => (first && event.target === first.select ? ask() : tell()));
    ask();
    sentence.replaceWith(form);
  }

  function start() {
    const types = document.querySelector("p#type-calculator");
    if (types) {
      const type = choice("Type", Object.keys(TYPES));
      type.select.value = "VARCHAR";
      calculator(types, type, (name) => asked(TYPES[name]), column);
    }
    const sizes = document.querySelector("p#pool-calculator");
    const fields = () => ({
      hosts: numeric("Hosts", 4, 1, 99999),
      processes: numeric("Processes on each", 2, 1, 99999),
      size: numeric("pool_size", 5, 0, 99999),
      overflow: numeric("max_overflow", 10, -1, 99999),
      limit: numeric("max_connections", 151, 1, 100000),
      kept: numeric("Kept for others", 20, 0, 100000),
    });
    if (sizes) calculator(sizes, null, fields, pools);
  }

  document.addEventListener("DOMContentLoaded", start);
  if (document.readyState !== "loading") start();
})();
