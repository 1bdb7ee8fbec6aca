/** Remembered choices of this browser. A browser that refuses storage remembers nothing and works all the same. */
export interface Preferences {
  read(name: PreferenceName): string | null;
  write(name: PreferenceName, value: string | null): void;
}

export type PreferenceName = "language" | "theme" | "guide";

const PREFIX = "caudal.";

export function createPreferences(storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem">): Preferences {
  return {
    read(name) {
      try {
        return storage().getItem(PREFIX + name);
      } catch {
        return null;
      }
    },
    write(name, value) {
      try {
        if (value === null) storage().removeItem(PREFIX + name);
        else storage().setItem(PREFIX + name, value);
      } catch {
        return;
      }
    },
  };
}

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export function readTheme(text: string | null): Theme {
  return themes.find((theme) => theme === text) ?? "system";
}
