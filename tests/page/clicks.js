// Runs in a report that `skywell check` wrote, in a real browser: clicks what there is to click and says what held.
"use strict";
(async () => {
  const held = [];
  const failed = [];
  const expect = (what, holds) => (holds ? held : failed).push(what);
  const wait = ms => new Promise(done => setTimeout(done, ms));
  const case_ = document.querySelector("details[open] .case");
  const [under, over] = [case_.querySelector(".under"), case_.querySelector(".over")];
  const [label, range] = [case_.querySelector(".label"), case_.querySelector("input")];
  const source = name => case_.querySelector(`.source[data-name=${name}]`);
  const button = name => case_.querySelector(`button[data-show=${name}]`);
  const click = async name => { button(name).click(); await wait(50); };
  const alone = name => under.src === source(name).src && over.hidden && range.hidden
    && button(name).getAttribute("aria-pressed") === "true"
    && case_.querySelectorAll("button[aria-pressed=true]").length === 1;
  // What the eye meets at this part of the viewer's width.
  const met = part => {
    const box = case_.querySelector(".viewer").getBoundingClientRect();
    return document.elementFromPoint(box.left + box.width * part, box.top + box.height * 0.9);
  };
  // The channels of a picture's pixels.
  const codes = image => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };

  await wait(200);
  expect("what failed is open, what passed is closed", [...document.querySelectorAll("details")].every(d =>
    d.open === !d.querySelector(".status").classList.contains("passed")));
  expect("there are both", document.querySelector("details:not([open])") && document.querySelector("details[open]"));
  expect("every case in the table leads to its details", [...document.querySelectorAll("td a")].every(a =>
    document.getElementById(decodeURIComponent(a.hash.slice(1)))?.tagName === "DETAILS"));
  expect("all pictures have the frame's size", [...case_.querySelectorAll(".source")].every(image =>
    image.naturalWidth === 24 && image.naturalHeight === 16));
  expect("the viewer has the frame's shape", Math.abs(
    case_.querySelector(".viewer").clientWidth / case_.querySelector(".viewer").clientHeight - 24 / 16) < 0.02);

  expect("it begins with the slider in the middle", !range.hidden && !over.hidden && range.value === "50");
  case_.scrollIntoView();
  expect("left of it is the reference", met(0.3) === under && under.src === source("reference").src);
  expect("right of it is the test", met(0.7) === over && over.src === source("test").src);
  range.value = 20;
  range.dispatchEvent(new Event("input"));
  expect("moved, it uncovers more of the test", met(0.15) === under && met(0.3) === over);

  for (const name of ["reference", "test", "difference", "heat"]) {
    await click(name);
    expect(`${name} is shown alone`, alone(name));
  }
  expect("the heat map's label says what it shows", label.textContent.startsWith("FLIP"));
  const [reference, test, difference] = ["reference", "test", "difference"].map(name => codes(source(name)));
  expect("reference and test differ", reference.some((code, i) => code !== test[i]));
  expect("the difference is four times theirs, around grey", difference.every((code, i) => i % 4 === 3
    || Math.abs(code - Math.min(Math.max(127.5 + 2 * (test[i] - reference[i]), 0), 255)) <= 1));

  await click("flip");
  const labels = new Set();
  for (let n = 0; n < 30; n++) {
    labels.add(`${label.textContent} ${over.hidden}`);
    await wait(100);
  }
  expect("flip shows one and the other in turn", labels.size === 2 && labels.has("reference true") && labels.has("test false"));
  await click("slider");
  const still = over.hidden;
  await wait(1500);
  expect("flip ends when something else is chosen", !still && !over.hidden && !range.hidden);
  expect("nothing was fetched", performance.getEntriesByType("resource").every(e => e.name.startsWith("data:")));
  expect("no script failed", window.failures.length === 0);

  const seen = document.createElement("pre");
  seen.id = "seen";
  seen.textContent = `${held.length} held; failed: ${failed.join(", ") || "none"} ${window.failures.join(" ")}`;
  document.body.append(seen);
})().catch(error => { document.body.append(`the clicks broke off: ${error.stack}`); });
