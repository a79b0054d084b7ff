// What a page looks like, as far as a program can tell.

/** What sticks out of the window sideways, a line each: a page that can be pushed aside, or a text that is cut off. */
export async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const isScrolled = (element) => {
      for (let at = element.parentElement; at; at = at.parentElement) {
        if (at !== document.body && getComputedStyle(at).overflowX !== 'visible') return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > width + 0.5 && !isScrolled(element),
    );
    const name = (element) => `<${element.localName} class="${element.getAttribute('class') ?? ''}">`;
    const told = wide.slice(-3).map((one) => `${name(one)} to ${Math.round(one.getBoundingClientRect().right)} px`);
    return [`${document.documentElement.scrollWidth} px wide in ${width} px: ${told.join(', ')}`];
  });
}

/** Levels that are told by their colour alone, a line each. */
export async function colourAlone(page) {
  return page.evaluate(() => {
    const words = /[红橙黄蓝]色|red|orange|yellow|blue/i;
    const wrong = [];
    for (const badge of document.querySelectorAll('[class*="level-"]')) {
      if (badge.matches('.level-none')) continue;
      if (!words.test(badge.textContent)) wrong.push(`a badge without a word: ${badge.outerHTML}`);
    }
    for (const card of document.querySelectorAll('[class*="edge-"]')) {
      const level = card.className.match(/edge-(red|orange|yellow|blue)/)?.[1];
      if (level && !card.querySelector(`.level-${level}`)) wrong.push(`an edge without a badge: ${card.className}`);
    }
    for (const line of document.querySelectorAll('.log li')) {
      if (!line.innerText.trim()) wrong.push('a dot of the log without words');
    }
    return wrong;
  });
}

/** Charts without a name or without their numbers in a table, a line each. */
export async function dumbCharts(page) {
  return page.evaluate(() => {
    const wrong = [];
    for (const chart of document.querySelectorAll('main svg:not([aria-hidden="true"])')) {
      const name = chart.getAttribute('aria-label') ?? '';
      const role = chart.getAttribute('role');
      if (!['img', 'group'].includes(role) || name.length < 8) wrong.push(`a chart without a name: ${name}`);
      // Its numbers: a table of its own beside it, or the row that it stands in.
      const beside = chart.closest('.for-wide, .for-narrow')?.parentElement ?? chart.parentElement;
      const has_table = [...beside.children].some((child) => child.matches('details') && child.querySelector('tbody tr'));
      if (!has_table && !chart.closest('tr')) wrong.push(`a chart without a table: ${name}`);
    }
    return wrong;
  });
}
