package org.pgnet.testkit;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/** Gives tests what {@link PgNetTest} and {@link Given} declare. JUnit closes it with the class, the test or the run. */
final class PgNetExtension
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterEachCallback,
                ParameterResolver,
                LifecycleMethodExecutionExceptionHandler {
    private static final Namespace NAMESPACE = Namespace.create(PgNetExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) throws IllegalAccessException {
        fillFields(ofClass(context), context.getRequiredTestClass(), null);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IllegalAccessException {
        fillFields(ofTest(context), context.getRequiredTestClass(), context.getRequiredTestInstance());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException().ifPresent(failure -> ofClass(context).spoilCluster());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Fixtures.isGiven(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Parameter asked = parameter.getParameter();
        Optional<Given> given = parameter.findAnnotation(Given.class);
        return current(context).ofParameter(asked.getType(), given);
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        ofClass(context).spoilCluster();
        throw withLog(ofClass(context), failure);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw withLog(ofTest(context), failure);
    }

    /** A test that is skipped says so by an exception too. */
    private static Throwable withLog(Fixtures fixtures, Throwable failure) {
        return failure instanceof TestAbortedException ? failure : fixtures.withLog("", failure);
    }

    /** Static fields when there is no instance, all others when there is one. */
    private static void fillFields(Fixtures fixtures, Class<?> test, Object instance) throws IllegalAccessException {
        for (Field field : test.getDeclaredFields()) {
            Given given = field.getAnnotation(Given.class);
            if (given != null && Modifier.isStatic(field.getModifiers()) == (instance == null)) {
                field.setAccessible(true);
                field.set(instance, fixtures.ofField(field.getType(), given));
            }
        }
    }

    private static Fixtures current(ExtensionContext context) {
        return context.getTestMethod().isPresent() ? ofTest(context) : ofClass(context);
    }

    private static Fixtures ofTest(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        "test", key -> Fixtures.ofTest(ofClass(context), annotation(context)), Fixtures.class);
    }

    private static Fixtures ofClass(ExtensionContext context) {
        ExtensionContext ofClass = context;
        while (ofClass.getTestMethod().isPresent()) {
            ofClass = ofClass.getParent().orElseThrow();
        }
        Class<?> test = ofClass.getRequiredTestClass();
        SharedClusters shared = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent("clusters", key -> new SharedClusters(), SharedClusters.class);
        return ofClass.getStore(NAMESPACE)
                .getOrComputeIfAbsent("class", key -> Fixtures.ofClass(test, shared), Fixtures.class);
    }

    private static Optional<PgNetTest> annotation(ExtensionContext context) {
        return context.getTestMethod().map(method -> method.getAnnotation(PgNetTest.class));
    }
}
