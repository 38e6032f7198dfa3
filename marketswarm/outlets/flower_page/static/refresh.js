/* The refresh page: sends the form, follows the tasks it started, shows the last refreshes.
   Whatever comes from the server is set as text, never as markup. */
(function () {
    "use strict";

    var POLL_MS = 400;
    var RECENT_MS = 5000;
    var UNTAKEN_MS = 10000;

    var page = document.getElementById("refresh-page");
    var form = document.getElementById("refresh-form");
    var status = document.getElementById("refresh-status");
    var runs = document.getElementById("refresh-runs");
    var running = 0;

    function element(tag, className, text) {
        var made = document.createElement(tag);
        made.className = className || "";
        made.textContent = text === undefined || text === null ? "" : String(text);
        return made;
    }

    function say(words, bad) {
        // An unchanged sentence is not set again, or a screen reader would repeat it.
        if (status && status.textContent !== words) {
            status.textContent = words;
            status.dataset.mood = bad ? "bad" : "good";
        }
    }

    function cookie(name) {
        var match = document.cookie.match("(?:^|;)\\s*" + name + "\\s*=\\s*([^;]+)");
        return match ? decodeURIComponent(match[1]) : "";
    }

    async function call(address, body) {
        var options = {credentials: "same-origin", headers: {"Accept": "application/json"}};
        if (body !== undefined) {
            options.method = "POST";
            options.headers["Content-Type"] = "application/json";
            options.headers["X-XSRFToken"] = cookie("_xsrf");
            options.body = JSON.stringify(body);
        }
        var response = await fetch(address, options);
        var answer = await response.json().catch(function () { return {}; });
        if (!response.ok) {
            throw Object.assign(new Error(answer.error || "HTTP " + response.status), {answer: answer});
        }
        return answer;
    }

    function order() {
        var fields = {symbol: form.elements.symbol.value, task: form.elements.task.value};
        if (form.elements.strikes_each_side.value !== "") {
            fields.strikes_each_side = form.elements.strikes_each_side.valueAsNumber;
        }
        if (form.elements.expiration.value !== "") {
            fields.expiration = form.elements.expiration.value;
        }
        return fields;
    }

    function markProblem(field, words) {
        form.querySelectorAll("select, input").forEach(function (input) {
            var wrong = input.name === field;
            input.classList.toggle("is-invalid", wrong);
            input.setAttribute("aria-invalid", String(wrong));
            document.getElementById(input.id + "-error").textContent = wrong ? words : "";
            if (wrong) { input.focus(); }
        });
    }

    /* What the browser itself could not read, such as "1e" or half a date, has an empty value: never take it for nothing said. */
    function unreadable() {
        return Array.from(form.querySelectorAll("input")).find(function (input) { return input.validity.badInput; });
    }

    async function start(event) {
        event.preventDefault();
        var button = document.getElementById("refresh-start");
        var broken = unreadable();
        markProblem(broken && broken.name, "This cannot be read as a value.");
        if (broken || button.disabled) { return; }
        button.disabled = true;
        say("Sending …");
        try {
            (await call(page.dataset.start, order())).tasks.forEach(follow);
        } catch (error) {
            markProblem(error.answer && error.answer.field, error.message);
            say("Not started: " + error.message, true);
        } finally {
            button.disabled = false;
        }
    }

    function addRun(task) {
        var run = element("li", "refresh-run");
        var link = element("a", "", task.symbol);
        link.href = page.dataset.task.replace("TASK", encodeURIComponent(task.task_id));
        var bar = element("progress", "");
        bar.max = 100;
        bar.value = 0;
        bar.setAttribute("aria-label", "Progress of " + task.symbol);
        run.append(link, bar, element("span", "refresh-number", "0 %"), element("span", "refresh-words", "waiting"));
        runs.prepend(run);
        return run;
    }

    function outcome(view) {
        var result = view.result || {};
        if (result.state === "joined") { return "joined a load already in flight"; }
        return result.contracts === undefined ? "done" : "done, " + result.contracts + " contracts";
    }

    function words(view, waitedMs) {
        if (view.error) { return view.state.toLowerCase() + ": " + view.error; }
        if (view.state === "SUCCESS") { return outcome(view); }
        if (view.state === "PENDING") {
            return waitedMs > UNTAKEN_MS ? "waiting; no worker has taken it yet" : "waiting";
        }
        return view.step || view.state.toLowerCase();
    }

    function show(run, view, waitedMs) {
        run.dataset.state = view.state;
        run.querySelector("progress").value = view.percent;
        run.querySelector(".refresh-number").textContent = view.percent + " %";
        run.querySelector(".refresh-words").textContent = words(view, waitedMs);
    }

    async function follow(task) {
        var run = addRun(task);
        var begun = Date.now();
        var address = page.dataset.progress.replace("TASK", encodeURIComponent(task.task_id));
        var view = {over: false};
        running += 1;
        say(running === 1 ? task.symbol + " started" : running + " refreshes are running");
        while (!view.over) {
            await new Promise(function (resolve) { setTimeout(resolve, POLL_MS); });
            try {
                view = await call(address);
                show(run, view, Date.now() - begun);
            } catch (error) {
                run.querySelector(".refresh-words").textContent = "asking again: " + error.message;
            }
        }
        running -= 1;
        say(task.symbol + " " + words(view, 0), Boolean(view.error));
        showRecent();
    }

    function recentRow(entry) {
        var row = document.createElement("tr");
        var state = element("td", entry.error ? "refresh-failed" : "", entry.error || entry.state);
        var took = entry.took_ms === undefined ? "" : (entry.took_ms / 1000).toFixed(2) + " s";
        row.append(element("td", "", entry.ts ? new Date(entry.ts).toLocaleString() : ""),
            element("td", "", entry.symbol), element("td", "", entry.expiration), element("td", "", entry.reason), state);
        [entry.contracts, entry.added, entry.removed, entry.changed, took].forEach(function (value) {
            row.append(element("td", "refresh-number", value));
        });
        return row;
    }

    async function showRecent() {
        var note = document.getElementById("refresh-recent-note");
        try {
            var entries = (await call(page.dataset.recent)).refreshes;
            document.querySelector("#refresh-recent tbody").replaceChildren(...entries.map(recentRow));
            note.textContent = entries.length ? "" : "Nothing has been refreshed yet.";
        } catch (error) {
            note.textContent = "The list cannot be read now: " + error.message;
        }
    }

    if (form) { form.addEventListener("submit", start); }
    showRecent();
    setInterval(function () { if (!document.hidden) { showRecent(); } }, RECENT_MS);
}());
