// Pages of the desk, fetched ahead and kept for a minute. Each is used once: what one does on it belongs to it.

const KEPT = 60_000; // milliseconds
const ahead = new Map(); // address → { at, page }

// The page, or null if it cannot be had; `fetchScreen` will tell.
export async function prefetch(address) {
  if (!address) return null;
  const known = ahead.get(address);
  const page = known && Date.now() - known.at < KEPT ? known.page : load(address);
  if (page !== known?.page) ahead.set(address, { at: Date.now(), page });
  try {
    return await page;
  } catch {
    if (ahead.get(address)?.page === page) ahead.delete(address);
    return null;
  }
}

// { screen } of a page of the desk, { address } of any other page. Rejects when the service cannot be reached.
export async function fetchScreen(address) {
  const known = ahead.get(address);
  ahead.delete(address);
  if (known && Date.now() - known.at < KEPT) {
    try {
      return await known.page;
    } catch {
      // once more below
    }
  }
  return load(address);
}

// Pages that were fetched ahead are out of date; all of them, or one.
export function forget(address) {
  if (address) ahead.delete(address);
  else ahead.clear();
}

async function load(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const screen = page.querySelector("[data-desk]");
  return screen && answer.ok ? { screen: document.adoptNode(screen) } : { address };
}
