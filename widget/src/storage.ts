/** What is kept for this tab: session storage, or memory where that is forbidden. */

export class TabStorage {
  private readonly memory = new Map<string, string>();

  /** `scope` tells the widgets of several servers apart. */
  constructor(private readonly scope: string) {}

  read(key: string): string | null {
    try {
      return sessionStorage.getItem(this.name(key)) ?? this.memory.get(key) ?? null;
    } catch {
      return this.memory.get(key) ?? null;
    }
  }

  write(key: string, value: string): void {
    this.memory.set(key, value);
    try {
      sessionStorage.setItem(this.name(key), value);
    } catch {
      // Kept in memory above.
    }
  }

  remove(key: string): void {
    this.memory.delete(key);
    try {
      sessionStorage.removeItem(this.name(key));
    } catch {
      // There was nothing.
    }
  }

  private name(key: string): string {
    return `mesoguide ${this.scope} ${key}`;
  }
}

/** A random id of 128 bits, in 32 hexadecimal digits. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

const heldHere = new Set<string>(); // also for an element that is made anew on the same page

/**
 * Whether another tab holds this id already: "duplicate tab" copies the storage, and two tabs must
 * not write into one conversation. Held until this tab is closed; where locks are missing, false.
 */
export async function isHeldElsewhere(id: string): Promise<boolean> {
  if (!navigator.locks || heldHere.has(id)) return false;
  heldHere.add(id);
  for (let tries = 0; tries < 3; tries++) {
    // A page that is being reloaded lets go of its lock a moment later.
    const held = await new Promise<boolean>((resolve) => {
      navigator.locks
        .request(`mesoguide ${id}`, { ifAvailable: true }, (lock) => {
          resolve(lock === null);
          return lock === null ? undefined : new Promise<void>(() => undefined);
        })
        .catch(() => resolve(false));
    });
    if (!held) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  heldHere.delete(id);
  return true;
}
