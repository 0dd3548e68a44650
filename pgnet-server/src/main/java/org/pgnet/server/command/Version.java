package org.pgnet.server.command;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version, which the build writes into the jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
        return new String[] {"pgnet " + version};
    }
}
