/**
 * A small shop of three services that know nothing of a mesh: {@code frontend} asks {@code catalog}, which asks {@code
 * ratings}, over plain HTTP by service name; the same chain exists as a line conversation over plain TCP.
 *
 * <p>Threading: one virtual thread for each request and for each TCP conversation. Read first: {@link shop.Main}.
 */
package shop;
