const exported = [
  "java.base/jdk.internal.misc", "java.management.rmi/com.sun.jmx.remote.internal.rmi", "java.rmi/sun.rmi.registry",
  "java.rmi/sun.rmi.server", "java.sql/java.sql", "java.base/java.lang.ref", "jdk.unsupported/sun.misc",
  "jdk.compiler/com.sun.tools.javac.file", "jdk.attach/sun.tools.attach",
];

const opened = [
  ...[
    "java.lang.module", "jdk.internal.loader", "jdk.internal.ref", "jdk.internal.reflect", "jdk.internal.math",
    "jdk.internal.module", "jdk.internal.util.jar", "sun.nio.ch", "java.io", "java.lang.reflect", "java.lang", "java.util", "java.nio",
  ].map((name) => `java.base/${name}`),
  "jdk.management/com.sun.management.internal", "jdk.compiler/com.sun.tools.javac",
];

/** What Cassandra reaches into on Java 17. */
export const cassandraModules: readonly string[] = [
  ...exported.flatMap((name) => ["--add-exports", `${name}=ALL-UNNAMED`]),
  ...opened.flatMap((name) => ["--add-opens", `${name}=ALL-UNNAMED`]),
];
