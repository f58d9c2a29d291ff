/** A small shop of three services that know nothing of a mesh. */
package shop;
