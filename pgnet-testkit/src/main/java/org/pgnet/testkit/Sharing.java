package org.pgnet.testkit;

/** Who works with a cluster. */
public enum Sharing {
    /**
     * Classes that ask for the same settings, one after the other; each finds an empty database postgres, and a worker that
     * may have worked before. Such a class leaves server, files and worker as they are; what it changes by SQL is undone.
     */
    WITH_OTHER_CLASSES,

    /**
     * This class alone: it stops or restarts the server or the worker, changes files, or looks at the whole log. Where the
     * cluster is a field that is not static, each test has its own.
     */
    WITH_NONE
}
