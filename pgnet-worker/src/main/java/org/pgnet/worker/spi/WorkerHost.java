package org.pgnet.worker.spi;

/**
 * The environment of the engine: a process with its tables. The engine does not know which it is. Each call returns the
 * same parts. Each part says which thread may call it.
 */
public interface WorkerHost {
    /** Where requests come from. */
    WorkSource source();

    /** Where responses go. */
    RequestStore store();

    /** How persistently requests are sent. */
    PolicySource policies();

    /** What is put into requests when they are sent. */
    default Secrets secrets() {
        return Secrets.NONE;
    }

    /** Which database it is. */
    Identity identity();

    /** What the backend thread sleeps on. */
    Bell bell();

    /** Who waits for responses. */
    Announcer announcer();

    /** The settings. */
    SettingsSource settingsSource();

    /** What is counted for people to look at. */
    Counters counters();

    /** Who looks at what waits. */
    default FlowReport flowReport() {
        return FlowReport.NONE;
    }

    /** The process. */
    WorkerProcess process();

    /** The log. */
    HostLog log();

    /** Memory that outlives the process. */
    CrashMemory crashMemory();

    /** What is done to large bodies before they are stored. */
    default BodyPreparer preparer() {
        return BodyPreparer.NONE;
    }

    /** The clock that everything here goes by. */
    default Clock clock() {
        return Clock.SYSTEM;
    }
}
