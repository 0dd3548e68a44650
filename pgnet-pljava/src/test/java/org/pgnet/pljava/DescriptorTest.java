package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the descriptor names exists. */
class DescriptorTest {

    @Test
    void everyFunctionThatPgNetHadIsReplaced() {
        assertThat(Descriptor.functions().stream().map(Descriptor.Deployed::signature))
                .containsExactlyInAnyOrder(
                        "http_get(text, jsonb, jsonb, integer)",
                        "http_post(text, jsonb, jsonb, jsonb, integer)",
                        "http_delete(text, jsonb, jsonb, integer, jsonb)",
                        "http_collect_response(bigint, boolean)");
    }

    @Test
    void asManyCommandsRemoveAsInstall() {
        assertThat(Descriptor.commands("INSTALL")).hasSize(4 + 3);
        assertThat(Descriptor.commands("REMOVE")).hasSize(4 + 1);
    }

    @TestFactory
    Stream<DynamicTest> javaTargetIsAPublicMethod() {
        return Descriptor.functions().stream()
                .map(function -> DynamicTest.dynamicTest(function.signature(), () -> {
                    Method method = method(function);
                    assertThat(Modifier.isPublic(method.getDeclaringClass().getModifiers()))
                            .isTrue();
                    assertThat(Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers()))
                            .isTrue();
                    assertThat(method.getReturnType().getName())
                            .isEqualTo(function.javaResult().isEmpty() ? "boolean" : function.javaResult());
                }));
    }

    @Test
    void mappedClassCanBeMadeByPlJava() throws ReflectiveOperationException {
        String mapping = Descriptor.commands("INSTALL").get(1);
        String name = mapping.substring(mapping.indexOf("org."), mapping.lastIndexOf('\''));

        assertThat(Class.forName(name).getConstructor().newInstance())
                .isInstanceOfSatisfying(
                        ResponseValue.class, value -> assertThat(mapping).contains("'" + value.getSQLTypeName() + "'"));
    }

    /** The method that the descriptor names for a function. */
    static Method method(Descriptor.Deployed function) throws ReflectiveOperationException {
        List<Class<?>> types = List.copyOf(function.javaTypes().stream()
                .<Class<?>>map(DescriptorTest::type)
                .toList());
        return Class.forName(function.javaClass()).getMethod(function.method(), types.toArray(Class<?>[]::new));
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
