(function () {
  "use strict";
  function wire(form) {
    var table = document.getElementById(form.dataset.table);
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var status = document.getElementById(form.dataset.status);
    function apply() {
      var shown = 0;
      var text = (form.elements.text ? form.elements.text.value : "").trim().toLowerCase();
      rows.forEach(function (row) {
        var keep = !text || row.textContent.toLowerCase().indexOf(text) !== -1;
        Array.prototype.forEach.call(form.querySelectorAll("select"), function (select) {
          if (select.value && row.getAttribute("data-" + select.name) !== select.value) keep = false;
        });
        row.hidden = !keep;
        if (keep) shown += 1;
      });
      status.textContent = shown + " of " + rows.length + " rows shown";
    }
    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { window.setTimeout(apply, 0); });
    form.hidden = false;
    apply();
  }
  Array.prototype.forEach.call(document.querySelectorAll("form.filters"), wire);
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.filter.call(document.querySelectorAll("details"), function (d) { return !d.open; });
    opened.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });
  function reveal() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  }
  window.addEventListener("hashchange", reveal);
  reveal();
})();
