// Optional: refreshes fragments, knows keys, reads charts.
'use strict';
var doc = document, EVERY = 60000, pending = null, missed = 0, root = doc.documentElement;
function kept(fragment) {
  var at = doc.activeElement;
  // What is being filled in stays as it is.
  return fragment.contains(at) && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) ||
    fragment.querySelector('details[open] form');
}
function take(page) {
  doc.querySelectorAll('[data-live]').forEach(function (old) {
    var name = old.getAttribute('data-live');
    var fresh = page.querySelector('[data-live="' + name + '"]');
    if (!fresh || kept(old) || fresh.innerHTML === old.innerHTML) return;
    var at = doc.activeElement, held = old.contains(at), tag = at.localName, to = at.getAttribute('href');
    // The same name or address, at the same place.
    var same = at.id ? '#' + at.id : to ? 'a[href="' + CSS.escape(to) + '"]' : tag;
    var nth = [].indexOf.call(old.querySelectorAll(same), at);
    var opened = old.querySelectorAll('details');
    old.replaceWith(doc.adoptNode(fresh));
    fresh.querySelectorAll('details').forEach(function (one, place) {
      one.open = one.open || !!opened[place] && opened[place].open;
    });
    var again = held && (fresh.querySelectorAll(same)[nth] || fresh.querySelector(same + ',' + tag));
    if (again) again.focus({ preventScroll: true });
  });
  if (page.title) doc.title = page.title;
}
function refresh() {
  if (doc.hidden || !doc.querySelector('main [data-live]')) return;
  fetch(location.href, { credentials: 'same-origin', headers: { Accept: 'text/html', 'Guanlan-Refresh': '1' } })
    .then(function (answer) {
      // Not a login page.
      if (!answer.ok || answer.redirected) throw answer;
      return answer.text();
    })
    .then(function (text) {
      take(new DOMParser().parseFromString(text, 'text/html'));
      missed = 0;
    })
    .catch(function () { missed++; })
    .then(function () { doc.getElementById('stale').hidden = missed < 2; });
}
setInterval(refresh, EVERY);
doc.addEventListener('visibilitychange', function () {
  if (!doc.hidden) refresh();
});
function go(path) {
  var lang = root.getAttribute('data-lang');
  location.href = lang ? path + '?' + lang : path;
}
function help() {
  var box = doc.getElementById('keys');
  if (!box) return;
  box.hidden = !box.hidden;
  if (!box.hidden) box.focus();
}
// What stands under the pointer, from the table.
doc.addEventListener('mousemove', function (event) {
  var old = doc.querySelector('.c-read'), svg = event.target.closest('svg.chart');
  if (old) old.remove();
  var card = svg && svg.closest('section'), out = card && card.querySelector('.read');
  if (!out) return;
  var axis = svg.querySelector('.c-zero'), box = axis.getBoundingClientRect(), best;
  var at = (event.clientX - box.left) / box.width * 1000;
  function far(row) { return Math.abs(row.dataset.place - at); }
  card.querySelectorAll('[data-place]').forEach(function (row) {
    if (!best || far(row) < far(best)) best = row;
  });
  var left = +axis.getAttribute('x1'), low = axis.getAttribute('y1');
  var x = left + best.dataset.place / 1000 * (axis.getAttribute('x2') - left);
  svg.insertAdjacentHTML('beforeend', '<path class="c-read" d="M' + x + ' 20V' + low + '"/>');
  out.textContent = best.dataset.read;
});
doc.addEventListener('keydown', function (event) {
  var at = event.target;
  if (event.key === 'Escape') {
    var box = doc.getElementById('keys');
    if (box) box.hidden = true;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
  var was = pending;
  pending = null;
  if (was === 'g' && event.key === 'o') return go('/');
  if (was === 'g' && event.key === 'a') return go('/alerts');
  if (event.key === 'g') {
    pending = 'g';
  } else if (event.key === '?') {
    help();
  } else if (event.key === '/') {
    var search = doc.querySelector('input[type="search"]');
    if (!search || !search.offsetParent) return go('/search');
    event.preventDefault();
    search.focus();
    search.select();
  }
});
